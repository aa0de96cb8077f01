// Breaks the security code in small ways, one at a time, and runs the tests that must notice. Fails when a
// mutant lives, does not apply or does not compile. `--area AREA`, `--only TEXT` and `--again` (what was not
// noticed last time) choose among them. The last outcome of each is in mutants/results.json, their numbers
// in docs/security.md.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { mutants as allMutants, mutate } from './mutants/index.mjs';

/** A test that waits for what a mutant has taken away is ended: the mutant is noticed. */
const HANGS_MS = 90_000;
const root = path.resolve(import.meta.dirname, '../..');
const { values: given } = parseArgs({
  options: { area: { type: 'string' }, only: { type: 'string' }, again: { type: 'boolean' } },
});
const resultsFile = path.join(root, 'test/drills/mutants/results.json');
const lastResults = () => JSON.parse(fs.readFileSync(resultsFile, 'utf8'));
const isNoticed = (outcome) => outcome?.startsWith('killed');
const mutants = allMutants.filter(
  ({ area, title, file }) =>
    (!given.area || area === given.area) &&
    (!given.only || `${title} ${file}`.includes(given.only)) &&
    !(given.again && isNoticed(lastResults()[title])),
);
if (mutants.length === 0) throw new Error(`there is no such mutant; areas: ${areasOf(allMutants).join(', ')}`);

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'identity-mutants-'));
fs.chmodSync(folder, 0o755); // root's PostgreSQL runs as another account
const copy = path.join(folder, 'tree');
const env = { ...process.env, NODE_ENV: 'test', TEST_PATIENCE_MS: '20000' };
delete env.CI; // there a test that is left out fails the run
const results = [];
const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], { cwd: root }).toString().trim();
const at = `${new Date().toISOString().slice(0, 10)}, ${commit}`;

copyTree();
const postgres = await startDatabase();
try {
  const red = await findRedTests();
  for (const [index, mutant] of mutants.entries()) {
    const startedAt = performance.now();
    const isRed = mutant.tests.some((file) => red.includes(file));
    const outcome = isRed ? 'ITS TESTS FAIL WITHOUT IT' : await outcomeOf(mutant);
    const seconds = (performance.now() - startedAt) / 1000;
    results.push({ ...mutant, outcome, seconds });
    writeResults();
    const place = `[${index + 1}/${mutants.length}]`;
    console.log(`${place} ${outcome}, ${seconds.toFixed(1)} s: ${mutant.area}: ${mutant.title}`);
  }
} finally {
  await postgres.stop();
  fs.rmSync(folder, { recursive: true, force: true });
}
report();

/** The files of the work tree with its build; packages are linked. */
function copyTree() {
  execFileSync(process.execPath, ['src/cli/build.mjs'], { cwd: root, stdio: 'inherit' });
  const files = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], { cwd: root })
    .toString()
    .split('\0')
    .filter((file) => file && fs.existsSync(path.join(root, file)));
  for (const file of files) fs.cpSync(path.join(root, file), path.join(copy, file));
  fs.cpSync(path.join(root, 'dist'), path.join(copy, 'dist'), { recursive: true });
  fs.rmSync(path.join(copy, 'dist/src/bundle'), { recursive: true }); // the mutated modules run, also in processes
  fs.symlinkSync(path.join(root, 'node_modules'), path.join(copy, 'node_modules'));
}

/** One PostgreSQL for all runs, as the tests start it. */
async function startDatabase() {
  const { startEmbeddedPostgres } = createRequire(import.meta.url)(
    path.join(root, 'dist/src/embedded-postgres/embedded-postgres.js'),
  );
  const settings = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off', max_connections: '300' };
  const started = await startEmbeddedPostgres({ dataDir: path.join(folder, 'data'), database: 'postgres', settings });
  env.TEST_DATABASE_URL = started.url;
  return started;
}

/** @returns the test files that fail without a mutant. @throws Error when a test is not there that is named by title */
async function findRedTests() {
  if (!(await compile())) throw new Error('the work tree does not compile');
  console.log(`${mutants.length} mutants; their tests without them:`);
  const whole = new Set(mutants.filter(({ only }) => !only).flatMap(({ tests }) => tests));
  const named = mutants.filter(({ tests }) => tests.some((file) => !whole.has(file)));
  const others = new Set(named.flatMap(({ tests }) => tests).filter((file) => !whole.has(file)));
  const found = [];
  if (whole.size > 0) found.push(await runTests([...whole], [], 'inherit'));
  if (others.size > 0) found.push(await runTests([...others], titled(named.map(({ only }) => only)), 'inherit'));
  const files = found.flatMap(({ testResults }) => testResults);
  const titles = files.flatMap(({ assertionResults }) => assertionResults.map(({ fullName }) => fullName));
  const lost = mutants.find(({ only }) => only && !titles.some((title) => title.includes(only)));
  if (lost) throw new Error(`there is no test "${lost.only}"`);
  return files.filter(({ status }) => status === 'failed').map(({ name }) => path.relative(`${copy}/test`, name));
}

/** Options of jest for the tests with one of these in their titles. */
function titled(titles) {
  return ['-t', titles.map((title) => title.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('|')];
}

/** @returns 'killed', or what is wrong with the mutant or with the tests */
async function outcomeOf(mutant) {
  const source = path.join(copy, mutant.file);
  const built = path.join(copy, 'dist', mutant.file.replace(/\.ts$/, '.js'));
  const [text, code] = [fs.readFileSync(source, 'utf8'), fs.readFileSync(built)];
  try {
    fs.writeFileSync(source, mutate(text, mutant));
    if (!(await compile())) return 'DOES NOT COMPILE';
    const title = mutant.only ? titled([mutant.only]) : [];
    for (const file of mutant.tests) {
      const result = await runTests([file], ['--testTimeout=60000', ...title], 'ignore');
      if (!result) return 'killed (hangs)';
      if (result.testResults.some(({ assertionResults }) => assertionResults.length === 0)) return 'BREAKS THE TESTS';
      if (!result.success) return 'killed';
    }
    return 'ALIVE';
  } catch (error) {
    return `DOES NOT APPLY: ${error.message}`;
  } finally {
    fs.writeFileSync(source, text);
    fs.writeFileSync(built, code); // the compiler writes it again with the next mutant
  }
}

/** What has changed; an unused name is no error in a mutant. */
async function compile() {
  const options = ['-p', 'tsconfig.json', '--noUnusedLocals', 'false', '--noUnusedParameters', 'false'];
  const child = spawn(process.execPath, [path.join(root, 'node_modules/typescript/bin/tsc'), ...options], {
    cwd: copy,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  const [status] = await once(child, 'close');
  return status === 0;
}

/** @returns jest's result; null when the tests hang */
async function runTests(files, options, stdio) {
  const isUnit = files.every((file) => file.startsWith('unit/'));
  const output = path.join(folder, 'result.json');
  fs.rmSync(output, { force: true });
  const child = spawn(
    process.execPath,
    [
      ...['--max-old-space-size=2000', '--max-semi-space-size=8', 'node_modules/jest/bin/jest.js'],
      ...['--config', `test/jest${isUnit ? '.unit' : ''}.config.cjs`, '--reporters=default', '-w', '1'],
      ...['--json', '--outputFile', output, ...options, '--runTestsByPath'],
      ...files.map((file) => path.join(copy, 'test', file)),
    ],
    { cwd: copy, env, stdio: ['ignore', stdio, stdio], detached: true },
  );
  const isLong = stdio === 'inherit';
  const timer = setTimeout(() => process.kill(-child.pid, 'SIGKILL'), isLong ? 3_600_000 : HANGS_MS);
  await once(child, 'close');
  clearTimeout(timer);
  return fs.existsSync(output) ? JSON.parse(fs.readFileSync(output, 'utf8')) : null;
}

function areasOf(list) {
  return [...new Set(list.map(({ area }) => area))];
}

function report() {
  const counts = areasOf(results).map((area) => {
    const own = results.filter((result) => result.area === area);
    const noticed = own.filter(({ outcome }) => isNoticed(outcome)).length;
    const seconds = Math.round(own.reduce((sum, result) => sum + result.seconds, 0));
    return { area, mutants: own.length, noticed, alive: own.length - noticed, seconds };
  });
  console.table(counts);
  const failures = results.filter(({ outcome }) => !isNoticed(outcome));
  for (const { outcome, area, title } of failures) console.log(`${outcome}: ${area}: ${title}`);
  process.exitCode = failures.length > 0 ? 1 : 0;
}

/** The last outcome of each mutant, and their numbers in docs/security.md. */
function writeResults() {
  const last = lastResults();
  for (const { title, outcome } of results) last[title] = `${outcome} (${at})`;
  const kept = allMutants.flatMap(({ title }) => (last[title] ? [[title, last[title]]] : []));
  fs.writeFileSync(resultsFile, `${JSON.stringify(Object.fromEntries(kept), null, 2)}\n`);

  const rows = areasOf(allMutants).map((area) => {
    const own = allMutants.filter((mutant) => mutant.area === area);
    const noticed = own.filter(({ title }) => isNoticed(last[title])).length;
    return `| ${area} | ${own.length} | ${noticed} | ${own.length - noticed} |`;
  });
  const noticed = kept.filter(([, outcome]) => isNoticed(outcome)).length;
  const summary = `Last run: ${at}. Noticed: ${noticed} of ${allMutants.length}.`;
  const table = ['| area | mutants | noticed | alive or not run |', '|---|---|---|---|', ...rows].join('\n');
  const docs = path.join(root, 'docs/security.md');
  const section = /(<!-- mutants -->\n)[\s\S]*?(<!-- \/mutants -->)/;
  const replaced = (_, start, end) => `${start}\n${summary}\n\n${table}\n\n${end}`;
  fs.writeFileSync(docs, fs.readFileSync(docs, 'utf8').replace(section, replaced));
}
