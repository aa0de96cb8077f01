import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';

const root = path.join(__dirname, '../..');
const folders = ['src', 'client', 'console', 'web', 'schema', 'test', 'docs', 'README.md'];
const files = execFileSync('git', ['ls-files', ...folders], { cwd: root })
  .toString()
  .split('\n')
  .filter((file) => /\.(tsx?|mjs|jsx|graphql|md)$/.test(file))
  .filter((file) => !/^(src\/rest\/generated|console\/src\/generated|web\/graphiql)\/|words\.test/.test(file));

const linesOf = (file: string): string[] => fs.readFileSync(path.join(root, file), 'utf8').split('\n');
const places = (isWrong: (line: string, file: string) => boolean): string[] =>
  files.flatMap((file) =>
    linesOf(file).flatMap((line, i) => (isWrong(line, file) ? [`${file}:${i + 1}: ${line.trim()}`] : [])),
  );

describe('the words of the project', () => {
  test('a user is "they"', () => {
    expect(places((line) => /\b(?:he|his|him|himself)\b/i.test(line))).toEqual([]);
  });

  test('retired words do not come back: channel, and account state', () => {
    expect(places((line) => /\bdoors?\b|\bStanding\b/.test(line))).toEqual([]);
  });

  test('actors are named', () => {
    // `nobody` is also the name of an account of the operating system
    const isUnnamed = (line: string) => /\b(?:somebody|whoever)\b/i.test(line) || /\bnobody\b(?![`'"])/i.test(line);
    // a test may name an account so
    expect(places((line, file) => !file.startsWith('test/') && isUnnamed(line))).toEqual([]);
  });

  test('lines of code have at most 120 columns', () => {
    // the formatter keeps those of tests, but for long texts
    const isLong = (line: string, file: string) => /\.(tsx?|mjs|jsx)$/.test(file) && line.length > 120;
    expect(places((line, file) => !file.startsWith('test/') && isLong(line, file))).toEqual([]);
  });
});
