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
  ['', (row) => ({ true: 'reached', false: 'MISSED', null: '' })[String(isReached(row))]],
];

/** @returns the rows as a table of plain text */
export function table(rows) {
  const cells = [columns.map(([title]) => title), ...rows.map((row) => columns.map(([, cell]) => cell(row)))];
  const widths = columns.map((_, i) => Math.max(...cells.map((line) => line[i].length)));
  const lines = cells.map((line) =>
    line
      .map((cell, i) => (i === 0 ? cell.padEnd(widths[i]) : cell.padStart(widths[i])))
      .join('  ')
      .trimEnd(),
  );
  return [lines[0], '-'.repeat(lines[0].length), ...lines.slice(1)].join('\n');
}
