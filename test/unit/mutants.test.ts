import fs from 'node:fs';
import path from 'node:path';
import { type Mutant, mutants, mutate } from '../drills/mutants/index.mjs';

const root = path.join(__dirname, '../..');
const wrong = (problemOf: (mutant: Mutant) => string | null) =>
  mutants.map(problemOf).filter((found) => found !== null);

describe('the mutants of `npm run drill:mutants`', () => {
  test('are at least eighty, each with a title of its own', () => {
    expect(mutants.length).toBeGreaterThanOrEqual(80);
    expect(new Set(mutants.map(({ title }) => title)).size).toBe(mutants.length);
  });

  test('apply to the code as it is', () => {
    const problems = wrong((mutant) => {
      const source = fs.readFileSync(path.join(root, mutant.file), 'utf8');
      return mutate(source, mutant) === source ? `"${mutant.title}" changes nothing` : null;
    });
    expect(problems).toEqual([]);
  });

  test('name tests that are there', () => {
    const isThere = (file: string) => fs.existsSync(path.join(root, 'test', file));
    expect(wrong(({ title, tests }) => (tests.length > 0 && tests.every(isThere) ? null : title))).toEqual([]);
  });
});
