import fs from 'node:fs';
import path from 'node:path';
import { read, root } from './documents';

interface Requirement {
  number: number;
  state: string;
  test: string;
}

const requirements: Requirement[] = read('docs/security-requirements.md')
  .split('\n')
  .filter((line) => /^\| \d+ \|/.test(line))
  .map((line) => {
    const [, number, , , state = '', test = ''] = line.split(' | ').join('|').split('|');
    return { number: Number(number), state: state.trim(), test: test.trim() };
  });

test('the sixty statements are all there, in order', () => {
  expect(requirements.map(({ number }) => number)).toEqual(Array.from({ length: 60 }, (_, i) => i + 1));
});

test.each(requirements)('statement $number has a state, and a test that exists or a reason', ({ state, test }) => {
  expect(state).toMatch(/^(holds|strict|does not apply)/);
  if (state.startsWith('does not apply')) return expect(state).toMatch(/^does not apply.*: |;/);
  const [, file = '', title = ''] = /^`([^`]+)`: (.+)$/.exec(test) ?? [];
  expect(title).not.toBe('');
  expect(fs.readFileSync(path.join(root, file), 'utf8')).toContain(title);
});
