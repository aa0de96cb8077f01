import { type Database, refersTo } from '../database';
import type { Exchange, HeaderList, PluginConfig, ProxyPlugin } from './exchange';
import { errorAnswer, type ProxyAnswer } from './proxy-answers';

/** Kong's acl plugin: who is in a group that may pass. */
export class AclPlugin implements ProxyPlugin {
  readonly priority = 950;

  constructor(private readonly database: Database) {}

  access(exchange: Exchange, config: PluginConfig): ProxyAnswer | undefined {
    const { consumer, requestId, headers } = exchange;
    const rows = this.database.cached('acls').filter((row) => consumer && refersTo(row.consumer, consumer.id));
    const groups = rows.map((row) => String(row.group));
    const listed = (list: unknown) => groups.some((group) => (list as string[]).includes(group));
    const allowed = config.allow ? listed(config.allow) : !listed(config.deny ?? []);
    if (!allowed)
      return errorAnswer({
        status: 403,
        message: 'You cannot consume this service',
        requestId,
        accept: headers.get('accept'),
      });
    if (!config.hide_groups_header && groups.length > 0) headers.set('X-Consumer-Groups', groups.join(', '));
    return undefined;
  }
}

type Pairs = { headers: string[] };

/**
 * Kong's request-transformer plugin, headers only. Its order is Kong's: remove, rename, replace,
 * add, append.
 */
export class RequestTransformerPlugin implements ProxyPlugin {
  readonly priority = 801;

  access({ headers }: Exchange, config: PluginConfig): undefined {
    for (const [name] of pairs(config.remove)) headers.remove(name);
    for (const [from, to] of pairs(config.rename)) rename(headers, from, to);
    for (const [name, value] of pairs(config.replace)) if (headers.get(name) !== undefined) headers.set(name, value);
    for (const [name, value] of pairs(config.add)) if (headers.get(name) === undefined) headers.set(name, value);
    for (const [name, value] of pairs(config.append)) headers.set(name, [...headers.all(name), value].join(', '));
  }
}

function pairs(section: unknown): [name: string, value: string][] {
  return (section as Pairs).headers.map((pair) => {
    const [name = '', ...value] = pair.split(':');
    return [name, value.join(':')];
  });
}

function rename(headers: HeaderList, from: string, to: string): void {
  const value = headers.get(from);
  if (value === undefined) return;
  headers.remove(from);
  headers.set(to, value);
}
