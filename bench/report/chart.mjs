import { cpuRatioOf, isReached, resultOf } from './table.mjs';

const WIDTH = 860;
const LEFT = 330;
const BAR = 16;
const STEP = 38;
const TOP = 64;

const escaped = (text) =>
  String(text).replace(/[&<>"]/g, (c) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[c]);

/**
 * The shares of the floors as bars, with their targets, as an SVG file that needs nothing else and
 * reads on light and dark.
 * @param rows rows that have a floor and a target of a share
 */
export function chart(rows, { subtitle }) {
  const shown = rows.filter((row) => row.floor && row.target !== undefined && !row.atMost);
  const most = Math.max(1, ...shown.map((row) => Math.max(resultOf(row), cpuRatioOf(row) ?? 0, row.target)));
  const x = (value) => LEFT + (value / most) * (WIDTH - LEFT - 70);
  const height = TOP + shown.length * STEP + 36;
  const parts = shown.map((row, i) => {
    const y = TOP + i * STEP;
    const value = resultOf(row);
    const cpu = cpuRatioOf(row);
    return [
      `<text x="${LEFT - 10}" y="${y + 13}" text-anchor="end">${escaped(row.name)}</text>`,
      `<rect x="${LEFT}" y="${y}" width="${(x(value) - LEFT).toFixed(1)}" height="${BAR}" rx="2" class="${isReached(row) ? 'good' : 'bad'}"/>`,
      cpu === undefined
        ? ''
        : `<rect x="${LEFT}" y="${y + BAR + 2}" width="${(x(cpu) - LEFT).toFixed(1)}" height="5" rx="1" class="cpu"/>`,
      `<line x1="${x(row.target).toFixed(1)}" x2="${x(row.target).toFixed(1)}" y1="${y - 4}" y2="${y + BAR + 8}" class="target"/>`,
      `<text x="${(x(Math.max(value, cpu ?? 0)) + 6).toFixed(1)}" y="${y + 13}">${value.toFixed(2)}</text>`,
    ].join('');
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" viewBox="0 0 ${WIDTH} ${height}" role="img">
<title>Throughput as a share of the floor in the same run</title>
<style>
  text { font: 13px system-ui, sans-serif; fill: #24292f } .head { font-size: 16px; font-weight: 600 } .note { fill: #57606a; font-size: 12px }
  .good { fill: #2da44e } .bad { fill: #cf222e } .cpu { fill: #8c959f } .target, .floor { stroke: #57606a; stroke-width: 1.5 } .floor { stroke-dasharray: 3 3 }
  @media (prefers-color-scheme: dark) { text { fill: #e6edf3 } .note { fill: #8d96a0 } .target, .floor { stroke: #8d96a0 } }
</style>
<text x="12" y="24" class="head">Throughput as a share of the floor in the same run</text>
<text x="12" y="44" class="note">${escaped(subtitle)}</text>
<text x="12" y="${height - 10}" class="note">thick: requests a second, thin: by CPU time · solid line: target, dashed: the floor</text>
<line x1="${x(1).toFixed(1)}" x2="${x(1).toFixed(1)}" y1="${TOP - 8}" y2="${height - 30}" class="floor"/>
${parts.join('\n')}
</svg>
`;
}
