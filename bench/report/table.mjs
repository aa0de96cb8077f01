import { styleText } from 'node:util';

/** What a row comes to: its own value, or the share of the floor's throughput. */
export function resultOf(row) {
  if (row.value !== undefined) return row.value;
  return row.floor ? row.figures.perSecond / row.floor.perSecond : undefined;
}

/**
 * Share of the floor by CPU time for each request, the database's included: what neighbours on the
 * machine disturb least.
 */
export function cpuRatioOf({ figures, floor }) {
  if (!figures?.cpuMs || !floor?.cpuMs) return undefined;
  return (floor.cpuMs + floor.databaseCpuMs) / (figures.cpuMs + figures.databaseCpuMs);
}

/** Null where there is no target. */
export function isReached(row) {
  if (row.target === undefined) return null;
  return row.atMost ? resultOf(row) <= row.target : resultOf(row) >= row.target;
}

const number = (value, digits) => (value === undefined || Number.isNaN(value) ? '' : value.toFixed(digits));
const rate = (value) =>
  value === undefined ? '' : value >= 100 ? Math.round(value).toLocaleString('en') : value.toFixed(1);

const columns = [
  ['workload', (row) => row.name],
  ['req/s', (row) => rate(row.figures?.perSecond)],
  ['floor', (row) => rate(row.floor?.perSecond)],
  ['p50 ms', (row) => number(row.figures?.p50, 2)],
  ['p99 ms', (row) => number(row.figures?.p99, 2)],
  ['CPU ms', (row) => number(row.figures?.cpuMs, 3)],
  ['DB ms', (row) => number(row.figures?.databaseCpuMs, 3)],
  ['floor', (row) => number(row.floor?.cpuMs, 3)],
  ['DB ms', (row) => number(row.floor?.databaseCpuMs, 3)],
  ['RSS MB', (row) => number(row.figures?.rssMb, 0)],
  ['CPU ratio', (row) => number(cpuRatioOf(row), 2)],
  [
    'result',
    (row) =>
      `${number(resultOf(row), row.unit === 'ms' || row.unit === 'MB' ? 0 : 2)}${row.unit ? ` ${row.unit}` : ''}`,
  ],
  [
    'target',
    (row) =>
      row.target === undefined ? '' : `${row.atMost ? '<=' : '>='} ${number(row.target, row.target >= 10 ? 0 : 2)}`,
  ],
  [
    'last run',
    (row, last) => number(last?.[row.id], row.unit === 'ms' || row.unit === 'MB' ? 0 : 2),
    (row, last) => (last?.[row.id] === undefined ? null : isBehind(row, last[row.id]) ? 'red' : 'dim'),
  ],
  [
    '',
    (row) => ({ true: 'reached', false: 'MISSED', null: '' })[String(isReached(row))],
    (row) => (isReached(row) ? 'green' : 'red'),
  ],
];

/** A result that is this much worse than another counts as slower. */
const REGRESSION = 0.2;

export function isBehind(row, before) {
  const now = resultOf(row);
  return row.atMost ? now > before * (1 + REGRESSION) : now < before * (1 - REGRESSION);
}

/**
 * @param last the results of the last run on the same machine, by the ids of the rows
 * @returns the rows as a table of text, in colour on a terminal
 */
export function table(rows, last) {
  const texts = rows.map((row) => columns.map(([, cell]) => cell(row, last)));
  const titles = columns.map(([title]) => title);
  const widths = columns.map((_, i) => Math.max(...[titles, ...texts].map((line) => line[i].length)));
  const pad = (cell, i) => (i === 0 ? cell.padEnd(widths[i]) : cell.padStart(widths[i]));
  const lines = texts.map((line, row) =>
    line.map((cell, i) => styled(columns[i][2]?.(rows[row], last), pad(cell, i))).join('  '),
  );
  const head = titles.map(pad).join('  ');
  return [head, '-'.repeat(head.length), ...lines].join('\n');
}

const styled = (style, text) => (style && text.trim() !== '' ? styleText(style, text) : text);
