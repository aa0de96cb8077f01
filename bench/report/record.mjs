import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { chart } from './chart.mjs';
import { cpuRatioOf, isBehind, isReached, resultOf } from './table.mjs';

const folder = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const HISTORY = path.join(folder, 'history.ndjson');
const COMPARED_RUNS = 5;

function revision() {
  try {
    return execFileSync('git', ['rev-parse', '--short', 'HEAD'], {
      cwd: folder,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
  } catch {
    return null;
  }
}

/** What ran, where: figures of different machines or services are not comparable. */
export function describeRun({ postgres, redis, embedded, users, options, others }) {
  return {
    at: new Date().toISOString(),
    revision: revision(),
    label: options.label,
    node: process.version,
    cpus: `${os.availableParallelism()} x ${os.cpus()[0]?.model ?? 'unknown'}`,
    database: embedded ? 'embedded' : `PostgreSQL ${postgres.version}`,
    store: redis ? `Redis ${redis.version}` : 'memory',
    users,
    sliceSeconds: options.seconds,
    load: os.loadavg().map((value) => Number(value.toFixed(2))),
    /** The share of the cores that other programs used meanwhile. */
    ...(others !== undefined && { others: Number(others.toFixed(3)) }),
  };
}

const round = (value) => (typeof value === 'number' ? Number(value.toPrecision(5)) : value);
const rounded = (object) =>
  object && Object.fromEntries(Object.entries(object).map(([key, value]) => [key, round(value)]));

/** Writes results.json and results.svg, and adds the run to the history. */
export function record(rows, run) {
  const results = rows.map((row) => ({
    id: row.id,
    name: row.name,
    ...(row.unit && { unit: row.unit }),
    value: round(resultOf(row)),
    ...(row.target !== undefined && {
      target: round(row.target),
      better: row.atMost ? 'lower' : 'higher',
      reached: isReached(row),
    }),
    ...(cpuRatioOf(row) !== undefined && { cpuRatio: round(cpuRatioOf(row)) }),
    ...(row.figures && { figures: rounded(row.figures) }),
    ...(row.floor && { floor: rounded(row.floor) }),
  }));
  fs.writeFileSync(path.join(folder, 'results.json'), `${JSON.stringify({ run, results }, null, 2)}\n`);
  const subtitle = `${run.at.slice(0, 10)}, Node ${run.node}, ${run.database}, ${run.store}, ${run.cpus}`;
  fs.writeFileSync(path.join(folder, 'results.svg'), chart(rows, { subtitle }));
  const values = Object.fromEntries(
    results.map(({ id, value, cpuRatio }) => [id, cpuRatio === undefined ? { value } : { value, cpuRatio }]),
  );
  fs.appendFileSync(HISTORY, `${JSON.stringify({ ...run, values })}\n`);
}

/** The runs on the same machine and services, the last one at the end. */
function pastRuns(run) {
  if (!fs.existsSync(HISTORY)) return [];
  return fs
    .readFileSync(HISTORY, 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line))
    .filter(
      (of) => of.cpus === run.cpus && of.database === run.database && of.store === run.store && of.users === run.users,
    );
}

/** The results of the last run on the same machine and services, by id; empty when there was none. */
export function lastResults(run) {
  const values = pastRuns(run).at(-1)?.values ?? {};
  return Object.fromEntries(Object.entries(values).map(([id, { value }]) => [id, value]));
}

/** Sentences about results that are much worse than the median of the last runs. */
export function regressions(rows, run) {
  const past = pastRuns(run).slice(-COMPARED_RUNS);
  return rows.flatMap((row) => {
    const before = past.map((of) => of.values[row.id]?.value).filter((value) => typeof value === 'number');
    if (before.length < 2 || row.target === undefined) return [];
    const usual = before.sort((a, b) => a - b)[Math.floor(before.length / 2)];
    const now = resultOf(row).toFixed(2);
    return isBehind(row, usual) ? [`${row.name}: ${now}, in the last ${before.length} runs ${usual.toFixed(2)}`] : [];
  });
}
