import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';

const root = path.join(__dirname, '../..');
const files = execFileSync('git', ['ls-files', 'src', 'client', 'console', 'web', 'schema', 'docs', 'README.md'], {
  cwd: root,
})
  .toString()
  .split('\n')
  .filter((file) => /\.(tsx?|mjs|jsx|graphql|md)$/.test(file))
  .filter((file) => !/^(src\/rest\/generated|console\/src\/generated|web\/graphiql)\//.test(file));

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
    const isActor = (line: string) => /\b(?:somebody|whoever)\b/i.test(line) || /\bnobody\b(?![`'"])/i.test(line);
    expect(places(isActor)).toEqual([]);
  });

  test('lines of code have at most 120 columns', () => {
    expect(places((line, file) => /\.(tsx?|mjs|jsx)$/.test(file) && line.length > 120)).toEqual([]);
  });
});
