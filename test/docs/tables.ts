import results from '../../bench/results.json';
import { errorCatalogue, errorCodes } from '../../src/errors/catalogue';
import { graphqlChannel } from '../../src/graphql/server/channel';
import { queryLimits } from '../../src/graphql/server/query-limits';
import { KongTrust } from '../../src/http/kong-trust';
import { registry } from '../../src/observability/metrics/metrics';
import { restContracts } from '../../src/rest/contracts';
import { type IdentityError, identityErrors } from '../../src/rest/contracts/identity/errors';
import type { ChannelPolicy } from '../../src/security/channel-policy';
import { builtInPermissions } from '../../src/security/scopes';
import drilled from '../drills/faults/results.json';
import held from '../drills/load/results.json';

const code = (text: string): string => `\`${text}\``;
const count = (value: number): string => value.toLocaleString('en', { maximumFractionDigits: 0 });
const yes = (value: boolean): string => (value ? 'yes' : 'no');

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [head, ...rows].map((cells) => `| ${cells.join(' | ').replaceAll('<', '&lt;')} |`);
  return [lines[0], `|${head.map(() => '---').join('|')}|`, ...lines.slice(1)].join('\n');
}

function errors(): string {
  const rows = errorCodes.map((name) => {
    const { status, message } = errorCatalogue[name];
    const identity: IdentityError = identityErrors[name];
    return [
      code(name),
      String(status),
      message,
      identity.status === status ? String(identity.code) : `${identity.code}, ${identity.status}`,
    ];
  });
  return table(['code', 'status', 'message', 'identity REST'], rows);
}

function policiesOf(strict: boolean): ChannelPolicy[] {
  const trust = new KongTrust({ configured: false, trustedProxies: [], sharedSecret: undefined });
  return [graphqlChannel, ...restContracts({ strict }, trust).map(({ channel }) => channel)];
}

const cellsOf = (policy: ChannelPolicy): string[] => [
  code(policy.name),
  policy.issues,
  policy.loginBy === 'email' ? 'e-mail' : 'user name or e-mail',
  yes(policy.rotatesRefreshTokens),
  yes(policy.tellsUnknownUser),
  policy.limitsEveryLogin ? 'all requests' : 'failures',
  yes(policy.changesOwnCredentials),
];

function channels(): string {
  const strict = policiesOf(true).map(cellsOf);
  const rows = policiesOf(false).map((policy, row) =>
    cellsOf(policy).map((cell, column) => (cell === strict[row]![column] ? cell : `${cell} (${strict[row]![column]})`)),
  );
  const head = ['login issues', 'login by', 'rotates refresh tokens', 'reveals unknown users', 'login limit counts'];
  return table(['channel', ...head, 'takes own password in an update'], rows);
}

interface Result {
  name: string;
  unit?: string;
  value: number;
  target?: number;
  better?: string;
  figures?: { p99?: number };
}

function figure(value: number, unit: string | undefined): string {
  if (unit === undefined || unit === 'x') return value.toFixed(2);
  return `${unit === '%' ? value.toFixed(2) : count(value)} ${unit}`;
}

function benchmark(): string {
  const rows = (results.results as Result[]).map(({ name, unit, value, target, better, figures }) => [
    name,
    figure(value, unit),
    target === undefined ? '' : `${better === 'lower' ? 'at most' : 'at least'} ${figure(target, unit)}`,
    figures?.p99 === undefined ? '' : `${count(figures.p99)} ms`,
  ]);
  return table(['workload', 'result', 'target', 'p99'], rows);
}

interface Metric {
  name: string;
  help: string;
  type: string;
  labelNames: readonly string[];
}

function metrics(): string {
  const all = registry.getMetricsAsArray() as unknown as Metric[];
  const rows = all.map(({ name, type, labelNames, help }) => [code(name), type, labelNames.map(code).join(', '), help]);
  return table(['metric', 'type', 'labels', 'meaning'], rows);
}

const inSeconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;

function faults(): string {
  const rows = drilled.faults.map(({ name, requests, unavailable, slowestMs, boundMs, backAfterMs }) => [
    name,
    unavailable === 0 ? 'none' : `${unavailable} of ${requests}`,
    `${inSeconds(slowestMs)} (${inSeconds(boundMs)})`,
    inSeconds(Math.max(0, backAfterMs)),
  ]);
  return table(['fault', 'answered with 503', 'slowest answer (bound)', 'everything back after'], rows);
}

function kills(): string {
  const rows = drilled.kills.map(({ name, confirmed, done, undone }) => [name, confirmed, done, undone].map(String));
  return table(['write', 'confirmed, and there', 'not confirmed, done', 'not confirmed, not done'], rows);
}

function load(): string {
  return table(
    [
      'held for',
      'requests',
      'changes',
      'restarts',
      'cuts',
      'wrong answers',
      'sent again',
      'p99',
      'memory of a process',
    ],
    [
      [
        `${held.minutes} min`,
        count(held.requests),
        count(held.changes),
        count(held.restarts),
        count(held.cuts),
        count(held.wrong.length),
        count(held.repeated),
        `${count(held.p99Ms)} ms`,
        `${Math.min(...held.memoryMb)} to ${Math.max(...held.memoryMb)} MB`,
      ],
    ],
  );
}

/** What the documents show between `<!-- table: name -->` and `<!-- /table -->`. */
export const tables: Readonly<Record<string, () => string>> = {
  errors,
  channels,
  benchmark,
  faults,
  kills,
  load,
  metrics,
  permissions: () =>
    table(
      ['permission', 'allows'],
      Object.entries(builtInPermissions).map(([name, text]) => [code(name), text]),
    ),
  'query limits': () =>
    table(
      ['limit', 'value'],
      Object.entries(queryLimits).map(([name, value]) => [code(name), count(value)]),
    ),
};
