/** Where a Redis process listens. */
export interface RedisNode {
  host: string;
  port: number;
}

interface Login {
  username?: string;
  password?: string;
}

/** How REDIS_URL names the Redis that holds the keys. */
export type RedisAddress =
  | { kind: 'node'; url: string; nodes: readonly RedisNode[] }
  | {
      kind: 'sentinel';
      /** The sentinels. */
      nodes: readonly RedisNode[];
      /** The name under which they watch the primary. */
      primary: string;
      login: Login;
      sentinelLogin: Login;
      database: number;
      tls: boolean;
    }
  | { kind: 'cluster'; nodes: readonly RedisNode[]; login: Login; tls: boolean };

const MULTIPLE = /^redis\+(?<kind>sentinel|cluster):\/\/(?:(?<login>[^@/?#]*)@)?(?<rest>[^#]*)$/;
const REST = /^(?<hosts>[^/?]*)(?:\/(?<path>[^?]*))?(?:\?(?<options>.*))?$/;
const NODE = /^(?<host>\[[0-9a-f:.]+\]|[^:[\]\s]+)(?::(?<port>\d{1,5}))?$/i;
const PORTS = { sentinel: 26_379, cluster: 6379 };
const OPTIONS = {
  sentinel: ['database', 'tls', 'sentinelUser', 'sentinelPassword'],
  cluster: ['tls'],
};
const MAX_DATABASE = 1_000_000;

const SENTINEL_FORM = 'redis+sentinel://host:port,host:port/name';

/**
 * Reads `redis://`, `rediss://`, `redis+sentinel://` or `redis+cluster://`.
 * @throws TypeError that says what is wrong, without the value, which may hold a password
 */
export function parseRedisAddress(text: string): RedisAddress {
  const parts = MULTIPLE.exec(text)?.groups;
  if (!parts) return parseNodeUrl(text);
  const kind = parts.kind as 'sentinel' | 'cluster';
  const { hosts = '', path = '', options = '' } = REST.exec(parts.rest!)!.groups!;
  const nodes = hosts.split(',').map((each) => parseNode(each, PORTS[kind]));
  const login = parseLogin(parts.login);
  const given = parseOptions(options, OPTIONS[kind]);
  const tls = parseSwitch(given.get('tls'));
  if (kind === 'cluster') {
    if (path !== '') throw new TypeError('must end after the hosts: a cluster has neither a name nor databases');
    return { kind, nodes, login, tls };
  }
  const primary = decode(path);
  if (primary === '' || path.includes('/'))
    throw new TypeError(`must end with the name under which the sentinels watch the primary: ${SENTINEL_FORM}`);
  const sentinelLogin = loginOf(given.get('sentinelUser'), given.get('sentinelPassword'));
  return { kind, nodes, primary, login, sentinelLogin, database: parseDatabase(given.get('database')), tls };
}

function parseNodeUrl(text: string): RedisAddress {
  const url = /^rediss?:\/\//.test(text) && URL.canParse(text) ? new URL(text) : undefined;
  if (!url)
    throw new TypeError(
      `must be redis://host:port, rediss://host:port, ${SENTINEL_FORM} or redis+cluster://host:port,host:port`,
    );
  const database = url.pathname.slice(1);
  if (database !== '') parseDatabase(database);
  return { kind: 'node', url: text, nodes: [{ host: url.hostname, port: Number(url.port || 6379) }] };
}

function parseNode(text: string, defaultPort: number): RedisNode {
  const { host, port } = NODE.exec(text)?.groups ?? {};
  const number = Number(port ?? defaultPort);
  if (!host || number < 1 || number > 65_535)
    throw new TypeError('must name hosts separated by commas, each as host or host:port');
  return { host: host.replace(/^\[|\]$/g, ''), port: number };
}

function parseLogin(text = ''): Login {
  const [username = '', ...password] = text.split(':');
  return loginOf(decode(username), decode(password.join(':')));
}

/** An empty text counts as not given. */
function loginOf(username: string | null, password: string | null): Login {
  return { ...(username && { username }), ...(password && { password }) };
}

function parseOptions(text: string, known: readonly string[]): URLSearchParams {
  const given = new URLSearchParams(text);
  const unknown = [...given.keys()].find((name) => !known.includes(name));
  if (unknown !== undefined) throw new TypeError(`has the option "${unknown}"; it takes ${known.join(', ')}`);
  return given;
}

function parseSwitch(text: string | null): boolean {
  if (text === null || text === 'off') return false;
  if (text === 'on') return true;
  throw new TypeError('has the option tls, which must be on or off');
}

function parseDatabase(text: string | null): number {
  const number = Number(text ?? 0);
  if (text === '' || !Number.isInteger(number) || number < 0 || number > MAX_DATABASE)
    throw new TypeError('must name the database by its number');
  return number;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new TypeError('has a % that begins no encoded character');
  }
}
