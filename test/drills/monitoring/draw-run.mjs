const WIDTH = 860;
const LEFT = 70;
const RIGHT = 150;
const HEIGHT = 120;
const GAP = 54;
const TOP = 76;
const COLOURS = ['#0969da', '#bf8700', '#cf222e', '#8250df', '#1a7f37'];

const escaped = (text) => String(text).replace(/[&<>]/g, (c) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;' })[c]);

/**
 * One run as Prometheus has seen it, as an SVG file that reads on light and dark.
 * @param run its series, each a list of seconds and values
 * @param outage when Redis was away, in seconds since the epoch
 */
export function drawRun(run, outage) {
  const charts = [
    { title: 'Operations a second', series: run.requests },
    { title: 'p99 in milliseconds, on a logarithmic scale', series: run.latency, isLogarithmic: true },
    { title: 'Logins a second, by outcome', series: run.logins },
  ];
  const height = TOP + charts.length * (HEIGHT + GAP);
  const x = (seconds) => LEFT + (seconds / run.seconds) * (WIDTH - LEFT - RIGHT);
  const [from, to] = outage.map((time) => x(time - run.start));
  const shade = `<rect x="${from.toFixed(1)}" y="${TOP - 24}" width="${(to - from).toFixed(1)}" height="${height - TOP - 6}" class="outage"/>
<text x="${(from + 6).toFixed(1)}" y="${TOP - 10}" class="note">Redis is away</text>`;
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" viewBox="0 0 ${WIDTH} ${height}" role="img">
<title>A run with a Redis outage, as Prometheus has seen it</title>
<style>
  text { font: 12px system-ui, sans-serif; fill: #24292f } .head { font-size: 16px; font-weight: 600 } .name { font-weight: 600 }
  .note { fill: #57606a } .grid { stroke: #d0d7de } .outage { fill: #cf222e; opacity: .09 } polyline { fill: none; stroke-width: 1.6 }
  @media (prefers-color-scheme: dark) { text { fill: #e6edf3 } .note { fill: #8d96a0 } .grid { stroke: #3d444d } .outage { opacity: .2 } }
</style>
<text x="12" y="24" class="head">One process under traffic, with a Redis outage</text>
<text x="12" y="42" class="note">scraped every second, rates over ten seconds; npm run drill:monitoring draws it again</text>
${shade}
${charts.map((chart, i) => drawChart(chart, { top: TOP + i * (HEIGHT + GAP), x, seconds: run.seconds })).join('\n')}
</svg>
`;
}

function drawChart({ title, series, isLogarithmic = false }, { top, x, seconds }) {
  const values = Object.values(series).flatMap((points) => points.map(([, value]) => value));
  const most = ceiling(Math.max(...values, 0.1));
  const least = isLogarithmic ? floor(Math.min(...values.filter((value) => value > 0))) : 0;
  const scale = isLogarithmic ? Math.log10 : (value) => value;
  const share = (value) => (scale(Math.max(value, least)) - scale(least)) / (scale(most) - scale(least));
  const y = (value) => top + HEIGHT * (1 - share(value));
  const ticks = isLogarithmic ? powers(least, most) : [0, most / 2, most];
  const grid = ticks.map(
    (tick) =>
      `<line x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${y(tick).toFixed(1)}" y2="${y(tick).toFixed(1)}" class="grid"/><text x="${LEFT - 8}" y="${(y(tick) + 4).toFixed(1)}" text-anchor="end" class="note">${tick}</text>`,
  );
  const times = [0, 0.25, 0.5, 0.75, 1].map(
    (part) =>
      `<text x="${x(part * seconds).toFixed(1)}" y="${top + HEIGHT + 16}" text-anchor="middle" class="note">${Math.round(part * seconds)} s</text>`,
  );
  const lines = Object.entries(series).map(([label, points], i) => {
    const colour = COLOURS[i % COLOURS.length];
    const path = points.map(([time, value]) => `${x(time).toFixed(1)},${y(value).toFixed(1)}`).join(' ');
    return `<polyline points="${path}" stroke="${colour}"/><rect x="${WIDTH - RIGHT + 14}" y="${top + 6 + i * 18}" width="10" height="10" rx="2" fill="${colour}"/><text x="${WIDTH - RIGHT + 30}" y="${top + 15 + i * 18}">${escaped(label)}</text>`;
  });
  return [`<text x="${LEFT}" y="${top - 10}" class="name">${escaped(title)}</text>`, ...grid, ...times, ...lines].join(
    '\n',
  );
}

/** The next of 1, 2, 5, 10 … */
function ceiling(value) {
  const power = 10 ** Math.floor(Math.log10(value));
  return [1, 2, 5, 10].map((factor) => factor * power).find((step) => step >= value);
}

const floor = (value) => 10 ** Math.floor(Math.log10(value));

function powers(least, most) {
  const found = [];
  for (let tick = least; tick <= most * 1.0001; tick *= 10) found.push(Number(tick.toPrecision(1)));
  return found;
}
