import { type Database, type Row, refersTo } from '../database';
import type { Randomness } from '../randomness';
import { type Answer, methodNotAllowed, notFound, Refusal } from './answers';
import { Entities, type Kind } from './entities';
import { aclKind, consumerKind, credentialKind, pluginKind, routeKind, serviceKind } from './kinds';
import { page } from './pages';
import type { Input } from './request-body';

export interface AdminRequest {
  method: string;
  /** Decoded path segments. */
  segments: string[];
  /** The path as it was sent, without the query, for `next` links. */
  path: string;
  query: URLSearchParams;
  input: () => Input;
}

type Handlers = Partial<Record<'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE', () => Answer>>;

const ok = (body: unknown): Answer => ({ status: 200, body });
const created = (body: unknown): Answer => ({ status: 201, body });
const gone: Answer = { status: 204 };

const TOP_LEVEL: Record<string, Kind> = {
  consumers: consumerKind,
  jwts: credentialKind,
  services: serviceKind,
  routes: routeKind,
  plugins: pluginKind,
  acls: aclKind,
};

/** The children that a parent's path has, and the member of the child that refers to it. */
const NESTED: Record<string, Record<string, [Kind, string]>> = {
  consumers: { jwt: [credentialKind, 'consumer'], plugins: [pluginKind, 'consumer'], acls: [aclKind, 'consumer'] },
  services: { routes: [routeKind, 'service'], plugins: [pluginKind, 'service'] },
  routes: { plugins: [pluginKind, 'route'] },
};

/**
 * The part of Kong's Admin API that the recordings cover: CRUD on consumers, jwt credentials,
 * services, routes, plugins, ACL groups.
 */
export class AdminApi {
  private readonly entities: Entities;

  constructor(
    private readonly database: Database,
    randomness: Randomness,
    now: () => number,
  ) {
    this.entities = new Entities(database, randomness, now);
  }

  handle(request: AdminRequest): Answer {
    const handlers = this.handlers(request);
    if (!handlers) return notFound;
    if (request.method === 'OPTIONS') return { status: 204, headers: allow(handlers) };
    const handler = handlers[(request.method === 'HEAD' ? 'GET' : request.method) as keyof Handlers];
    return handler ? handler() : methodNotAllowed;
  }

  private handlers(request: AdminRequest): Handlers | undefined {
    const [collection = '', selector, child, childSelector, ...rest] = request.segments;
    if (collection === 'tags' && selector !== undefined && child === undefined)
      return { GET: () => this.tagged(selector) };
    const kind = TOP_LEVEL[collection];
    if (!kind || rest.length > 0) return undefined;
    if (selector === undefined) return this.collection(kind, request);
    if (child === undefined) return this.one(kind, selector, request);
    if (collection === 'jwts' && child === 'consumer' && childSelector === undefined) return this.ownerOf(selector);
    const nested = NESTED[collection]?.[child];
    if (!nested) return undefined;
    const parent = this.entities.select(kind, selector);
    if (!parent) throw new Refusal(notFound);
    return childSelector === undefined
      ? this.children(parent, nested, request)
      : this.child(parent, nested, childSelector, request);
  }

  private collection(kind: Kind, { input, query, path }: AdminRequest): Handlers {
    return {
      GET: () => page(this.filtered(kind, query), { path, query, nested: false }),
      POST: () => created(this.entities.insert(kind, kind === credentialKind ? this.withConsumerId(input()) : input())),
    };
  }

  private one(kind: Kind, selector: string, { input }: AdminRequest): Handlers {
    return {
      GET: () => ok(this.get(kind, selector)),
      PUT: () => ok(this.entities.upsert(kind, selector, input())),
      PATCH: () => ok(this.entities.update(kind, selector, input())),
      DELETE: () => {
        const row = this.entities.select(kind, selector);
        if (row) this.entities.remove(kind.table, row);
        return gone;
      },
    };
  }

  private children(parent: Row, [kind, member]: [Kind, string], { input, query, path }: AdminRequest): Handlers {
    const own = () => this.database.all(kind.table).filter((row) => refersTo(row[member], parent.id));
    return {
      // a nested list ignores ?tags
      GET: () => page(own(), { path, query, nested: true }),
      POST: () => created(this.entities.insert(kind, input(), { [member]: { id: parent.id } })),
    };
  }

  private child(parent: Row, [kind, member]: [Kind, string], selector: string, { input }: AdminRequest): Handlers {
    const own = () => {
      const row = this.entities.select(kind, selector);
      if (!row || !refersTo(row[member], parent.id)) throw new Refusal(notFound);
      return row;
    };
    return {
      GET: () => ok(own()),
      // a PUT moves another parent's child here
      PUT: () => ok(this.entities.upsert(kind, selector, input(), { [member]: { id: parent.id } })),
      PATCH: () => ok(this.entities.change(kind, own(), input())),
      DELETE: () => {
        this.entities.remove(kind.table, own());
        return gone;
      },
    };
  }

  private ownerOf(selector: string): Handlers {
    return {
      GET: () => ok(this.get(consumerKind, (this.get(credentialKind, selector).consumer as { id: string }).id)),
    };
  }

  private get(kind: Kind, selector: string): Row {
    const row = this.entities.select(kind, selector);
    if (!row) throw new Refusal(notFound);
    return row;
  }

  private filtered(kind: Kind, query: URLSearchParams): Row[] {
    const customId = kind === consumerKind ? query.get('custom_id') : null;
    if (customId === '') throw new Refusal({ status: 400, body: { message: 'custom_id must be an unempty string' } });
    const wanted = query.get('tags')?.split(',') ?? [];
    return this.database
      .all(kind.table)
      .filter((row) => customId === null || row.custom_id === customId)
      .filter((row) => wanted.every((tag) => (row.tags as string[] | null)?.includes(tag)));
  }

  private tagged(tag: string): Answer {
    const data = Object.values(TOP_LEVEL).flatMap((kind) =>
      this.database
        .all(kind.table)
        .filter((row) => (row.tags as string[] | null)?.includes(tag))
        .map((row) => ({ tag, entity_name: kind.table, entity_id: row.id })),
    );
    return ok({ data, next: null });
  }

  /** POST /jwts takes the consumer by id or by username. */
  private withConsumerId(input: Input): Input {
    const consumer = input.consumer as { id?: string; username?: string } | undefined;
    if (consumer?.username === undefined) return input;
    return { ...input, consumer: { id: this.get(consumerKind, consumer.username).id } };
  }
}

function allow(handlers: Handlers): Record<string, string> {
  const methods = [...Object.keys(handlers), 'OPTIONS', ...('GET' in handlers ? ['HEAD'] : [])].sort().join(', ');
  return { Allow: methods, 'Access-Control-Allow-Methods': methods };
}
