import { preferredLanguage } from '../../src/http/language';

test.each([
  ['en', 'en'],
  ['en-GB,en;q=0.9', 'en'],
  ['vi-VN,vi;q=0.9,en;q=0.8', 'vi'],
  ['fr-FR,fr;q=0.9,en;q=0.8', 'en'],
  ['vi;q=0.5, en;q=0.7', 'en'],
  ['en;q=0, vi;q=0.1', 'vi'],
  ['VI', 'vi'],
  ['en;q=0.5,vi;q=0.5', 'en'],
  ['*', 'vi'],
  ['en;q=0.4, *;q=0.9', 'vi'],
  ['vi;q=0, *', 'en'],
  ['fr', null],
  ['en;q=0', null],
  ['enx', null],
  ['english please', null],
  ['', null],
  [undefined, null],
])('of "%s" prefers %s', (header, expected) => {
  expect(preferredLanguage(header, 'vi')).toBe(expected);
});

test('reads a header of 64 KB in a moment of processor time', () => {
  const before = process.cpuUsage();
  preferredLanguage('en;q=0.1,'.repeat(7000), 'vi');
  preferredLanguage(`${' '.repeat(30_000)}x${'-a'.repeat(15_000)}`, 'vi');
  expect(process.cpuUsage(before).user / 1000).toBeLessThan(1000); // not of the clock, which a busy machine takes
});
