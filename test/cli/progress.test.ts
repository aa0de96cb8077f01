import { Progress, pace } from '../../src/cli/account-transfer/progress';

function show(isTTY: boolean): { progress: Progress; written: () => string } {
  let text = '';
  let number = 0;
  const progress = new Progress({ isTTY, write: (more) => (text += more) }, () => `${++number} rows`);
  return { progress, written: () => text };
}

beforeEach(() => void jest.useFakeTimers());
afterEach(() => void jest.useRealTimers());

describe('progress', () => {
  test('on a terminal is one line that changes, out of the way of those that stay', () => {
    const { progress, written } = show(true);
    progress.start();
    jest.advanceTimersByTime(400);
    progress.print('line 3: bad');
    jest.advanceTimersByTime(200);
    progress.stop();
    jest.advanceTimersByTime(1000);
    expect(written().replaceAll('\r\u001B[K', '<')).toBe('<1 rows<2 rows<line 3: bad\n<3 rows<');
  });

  test('elsewhere is a line every few seconds', () => {
    const { progress, written } = show(false);
    progress.start();
    jest.advanceTimersByTime(4900);
    progress.print('line 3: bad');
    jest.advanceTimersByTime(5200);
    progress.stop();
    jest.advanceTimersByTime(60_000);
    expect(written()).toBe('line 3: bad\n1 rows\n2 rows\n');
  });

  test('tells how many, how fast and, where the end is known, how far', () => {
    expect(pace(12_345, 2000, 0.419)).toBe('12,345 rows, 6,173/s, 41 %');
    expect(pace(0, 0, null)).toBe('0 rows, 0/s');
    expect(pace(1, 1000, 1)).toBe('1 row, 1/s, 100 %');
  });
});
