import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { parse } from 'yaml';
import { loadConfig } from '../../src/config/config';
import { registry } from '../../src/observability/metrics/metrics';

interface Metric {
  name: string;
  type: string;
  labelNames: readonly string[];
}

interface Panel {
  id: number;
  type: string;
  title: string;
  targets?: { expr: string }[];
}

interface Service {
  profiles?: string[];
  ports?: string[];
  environment?: Record<string, string | number>;
  volumes?: string[];
}

const folder = path.resolve('docs/monitoring');
const dashboard = JSON.parse(fs.readFileSync(path.join(folder, 'grafana/dashboard.json'), 'utf8')) as {
  panels: Panel[];
};
const rules = parse(fs.readFileSync(path.join(folder, 'alerts.yml'), 'utf8')) as {
  groups: { rules: { alert: string; expr: string }[] }[];
};
const alerts = rules.groups.flatMap((group) => group.rules);
const panels = dashboard.panels.filter(({ type }) => type !== 'row');

const expressions: [place: string, expression: string][] = [
  ...panels.flatMap(({ title, targets = [] }) => targets.map(({ expr }): [string, string] => [title, expr])),
  ...alerts.map(({ alert, expr }): [string, string] => [alert, expr]),
];

/** Each series that a scrape may hold, with its labels. */
const series = new Map<string, readonly string[]>();
for (const { name, type, labelNames } of registry.getMetricsAsArray() as unknown as Metric[]) {
  if (type !== 'histogram') series.set(name, labelNames);
  else
    for (const [suffix, extra] of [
      ['_bucket', ['le']],
      ['_sum', []],
      ['_count', []],
    ] as [string, string[]][])
      series.set(name + suffix, [...labelNames, ...extra]);
}
series.set('up', ['job', 'instance']); // Prometheus's own

const NAME = /\b(?:identity|process|nodejs)_\w+|\bup\b/g;

test.each(expressions)('"%s" asks for series and labels that exist', (_, expression) => {
  const names = expression.match(NAME) ?? [];
  expect(names.length).toBeGreaterThan(0);
  expect(names.filter((name) => !series.has(name))).toEqual([]);
  const known = names.flatMap((name) => series.get(name) ?? []);
  const grouped = [...expression.matchAll(/\bby \(([^)]*)\)/g)].flatMap(([, list]) => list!.split(/,\s*/));
  const matched = [...expression.matchAll(/[{,]\s*(\w+)\s*(?:=~|!~|!=|=)"/g)].map(([, label]) => label!);
  expect([...grouped, ...matched].filter((label) => !known.includes(label))).toEqual([]);
});

test('every metric of the server is on the dashboard or in a rule', () => {
  const all = expressions.map(([, expression]) => expression).join('\n');
  const unused = registry.getMetricsAsArray().filter(({ name }) => !all.includes(name));
  expect(unused.map(({ name }) => name)).toEqual([]);
});

test('panels have ids and titles of their own, and alerts a severity and a summary', () => {
  for (const values of [panels.map(({ id }) => id), panels.map(({ title }) => title), alerts.map(({ alert }) => alert)])
    expect(new Set<unknown>(values).size).toBe(values.length);
  for (const alert of alerts)
    expect(alert).toMatchObject({
      labels: { severity: expect.stringMatching(/^(page|ticket)$/) },
      annotations: { summary: expect.any(String) },
    });
});

describe('the compose profile `monitoring`', () => {
  const { services } = parse(fs.readFileSync('docker-compose.yml', 'utf8')) as { services: Record<string, Service> };
  const own = Object.entries(services).filter(([, { profiles }]) => profiles?.includes('monitoring'));

  test('is open to this machine only, and mounts files that exist', () => {
    expect(own.map(([name]) => name)).toEqual(['prometheus', 'grafana', 'jaeger']);
    for (const [, { ports = [], volumes = [] }] of own) {
      for (const port of ports) expect(port).toMatch(/^127\.0\.0\.1:/);
      const mounted = volumes.map((volume) => volume.split(':')[0]!).filter((file) => file.startsWith('.'));
      for (const file of mounted) expect(fs.existsSync(file)).toBe(true);
    }
  });

  test('scrapes the port that the server opens and does not publish', () => {
    const port = Number(services.api!.environment!.METRICS_PORT);
    expect(loadConfig({ METRICS_PORT: String(port) }).metrics.port).toBe(port);
    expect(services.api!.ports!.filter((each) => each.includes(String(port)))).toEqual([]);
    const { scrape_configs } = parse(fs.readFileSync(path.join(folder, 'prometheus.yml'), 'utf8'));
    expect(scrape_configs[0].static_configs[0].targets).toEqual([`api:${port}`]);
  });
});

const promtool = (...args: string[]) => spawnSync('promtool', args, { cwd: folder, encoding: 'utf8' });
const withPromtool = promtool('--version').error ? test.skip : test;

// Debian has it in the package prometheus
withPromtool('promtool accepts the configuration, the rules and their own tests', () => {
  for (const args of [
    ['check', 'config', '--syntax-only', 'prometheus.yml'],
    ['check', 'rules', 'alerts.yml'],
    ['test', 'rules', 'alerts.test.yml'],
  ]) {
    const { status, stdout, stderr } = promtool(...args);
    expect([args, status, status === 0 ? '' : stdout + stderr]).toEqual([args, 0, '']);
  }
});
