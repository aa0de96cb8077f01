import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { type KongAdmin, type KongAnswer, type KongCall, unexpectedRefusal } from './kong-admin';
import { KongFailureError } from './kong-errors';
import {
  type Fields,
  type KongSetupOptions,
  type PlannedPlugin,
  type PlannedRoute,
  type PlannedService,
  planKong,
  ROUTE_DEFAULTS,
  SERVICE_DEFAULTS,
  SETUP_TAG,
} from './kong-setup-plan';

export interface Change {
  /** `kept` is a difference from Kong's defaults or the plan that the set-up leaves as it is. */
  action: 'created' | 'updated' | 'removed' | 'kept';
  kind: 'service' | 'route' | 'plugin';
  /** `cors on service graphql-identity` for a plugin. */
  name: string;
  /**
   * The members that were different, never their values, because one of them is the shared secret.
   */
  fields: string[];
}

export function describeChange({ action, kind, name, fields }: Change): string {
  const members = fields.length > 0 ? ` (${fields.join(', ')})` : '';
  return `${action} ${kind} ${name}${members}${action === 'kept' ? ', which kong:setup does not set' : ''}`;
}

const entityAnswer = z.looseObject({ id: z.string(), name: z.string().nullish(), tags: z.array(z.string()).nullish() });
type Entity = z.infer<typeof entityAnswer>;
const listAnswer = z.object({ data: z.array(entityAnswer) });

/** The part of KongAdmin that the set-up needs. */
export type KongSetupAdmin = Pick<KongAdmin, 'call'>;

/**
 * Makes services, routes and plugins in Kong as the plan has them, and leaves right ones alone.
 * Entities of other makers stay, unless they have the name of a planned one. Several runs at once
 * all succeed.
 * @param report gets each change as soon as it is made, also when a later one fails
 * @throws KongUnreachableError, KongFailureError (with Kong's message in `refusal`), RangeError for
 *   a secret that Kong would not send as it is
 */
export async function setUpKong(
  admin: KongSetupAdmin,
  options: KongSetupOptions,
  report: (change: Change) => void = () => {},
): Promise<Change[]> {
  checkSecret(options.sharedSecret);
  const changes: Change[] = [];
  const setup = new KongSetup(admin, options.sharedSecret === undefined ? [] : [options.sharedSecret], (change) => {
    changes.push(change);
    report(change);
  });
  for (const service of planKong(options)) await setup.service(service);
  return changes;
}

/** request-transformer takes `$(…)` for a template and drops what follows a second colon. */
function checkSecret(secret: string | undefined): void {
  if (secret === undefined || (/^[\x21-\x7e]+$/.test(secret) && !secret.includes('$(') && !secret.startsWith(':')))
    return;
  throw new RangeError(
    'The shared secret must be printable ASCII without spaces and without "$(", and must not start with a colon.',
  );
}

interface NamedEntity {
  kind: 'service' | 'route';
  name: string;
  fields: Fields;
  /** Members that the plan leaves to operators, with Kong's values for them. */
  defaults: Fields;
  readPath: string[];
  /** Where a PUT creates it. */
  writePath: string[];
}

class KongSetup {
  constructor(
    private readonly admin: KongSetupAdmin,
    private readonly secrets: readonly string[],
    private readonly report: (change: Change) => void,
  ) {}

  async service({ name, fields, plugins, routes }: PlannedService): Promise<void> {
    const path = ['services', name];
    await this.named({ kind: 'service', name, fields, defaults: SERVICE_DEFAULTS, readPath: path, writePath: path });
    await this.plugins(path, `service ${name}`, plugins);
    for (const route of routes) await this.route(name, route);
    const wanted = new Set(routes.map((route) => route.name));
    for (const existing of await this.list([...path, 'routes'])) {
      if (isOurs(existing) && !wanted.has(existing.name ?? ''))
        await this.remove('route', ['routes', existing.id], existing.name ?? existing.id);
    }
  }

  private async route(service: string, { name, fields, plugins }: PlannedRoute): Promise<void> {
    const { id } = await this.get(['services', service]);
    await this.named({
      kind: 'route',
      name,
      fields: { ...fields, service: { id } },
      defaults: ROUTE_DEFAULTS,
      readPath: ['routes', name],
      writePath: ['services', service, 'routes', name],
    });
    await this.plugins(['routes', name], `route ${name}`, plugins);
  }

  /** Creates with PUT and updates with PATCH, so that members without a plan keep their values. */
  private async named({ kind, name, fields, defaults, readPath, writePath }: NamedEntity): Promise<void> {
    const wanted = { ...fields, tags: [SETUP_TAG] };
    const existing = await this.find(readPath);
    if (!existing) {
      await this.write('PUT', writePath, wanted);
      this.report({ action: 'created', kind, name, fields: [] });
      return;
    }
    const different = differences(wanted, existing);
    if (different.length > 0) {
      await this.write('PATCH', readPath, wanted);
      this.report({ action: 'updated', kind, name, fields: different });
    }
    const drift = differences(defaults, existing);
    if (drift.length > 0) this.report({ action: 'kept', kind, name, fields: drift });
  }

  private async plugins(scope: string[], where: string, planned: PlannedPlugin[]): Promise<void> {
    const existing = await this.pluginsOf(scope);
    for (const plugin of planned) await this.plugin(scope, where, { plugin, existing });
    const names = new Set(planned.map(({ name }) => name));
    // Kong lists them by their random ids
    for (const plugin of existing.toSorted((a, b) => `${a.name}`.localeCompare(`${b.name}`))) {
      if (names.has(plugin.name ?? '')) continue;
      const name = `${plugin.name} on ${where}`;
      if (isOurs(plugin)) await this.remove('plugin', ['plugins', plugin.id], name);
      else this.report({ action: 'kept', kind: 'plugin', name, fields: [] });
    }
  }

  private async plugin(
    scope: string[],
    where: string,
    { plugin, existing }: { plugin: PlannedPlugin; existing: readonly Entity[] },
  ): Promise<void> {
    const wanted = { name: plugin.name, config: plugin.config, enabled: true, tags: [SETUP_TAG] };
    const name = `${plugin.name} on ${where}`;
    const found = existing.find((each) => each.name === plugin.name);
    if (found) {
      const different = differences(wanted, found);
      if (different.length === 0) return;
      await this.write('PATCH', ['plugins', found.id], wanted);
      this.report({ action: 'updated', kind: 'plugin', name, fields: different });
      return;
    }
    if (await this.create([...scope, 'plugins'], wanted)) {
      this.report({ action: 'created', kind: 'plugin', name, fields: [] });
      return;
    }
    // another run has created it since the list was read
    await this.plugin(scope, where, { plugin, existing: await this.pluginsOf(scope) });
  }

  /** Without those of single consumers. */
  private async pluginsOf(scope: string[]): Promise<Entity[]> {
    return (await this.list([...scope, 'plugins'])).filter(({ consumer }) => !consumer);
  }

  private async remove(kind: 'route' | 'plugin', path: string[], name: string): Promise<void> {
    const call = callTo('DELETE', path);
    const answer = await this.admin.call(call);
    if (answer.kind !== 'absent') this.validate(call, answer, z.unknown());
    this.report({ action: 'removed', kind, name, fields: [] });
  }

  private async find(path: string[]): Promise<Entity | null> {
    const call = callTo('GET', path);
    const answer = await this.admin.call(call);
    return answer.kind === 'absent' ? null : this.validate(call, answer, entityAnswer);
  }

  private async get(path: string[]): Promise<Entity> {
    const call = callTo('GET', path);
    return this.validate(call, await this.admin.call(call), entityAnswer);
  }

  private async list(path: string[]): Promise<Entity[]> {
    const call: KongCall = { ...callTo('GET', path), query: { size: '1000' } };
    return this.validate(call, await this.admin.call(call), listAnswer).data;
  }

  /** @returns false when it exists already */
  private async create(path: string[], body: Fields): Promise<boolean> {
    const call = { ...callTo('POST', path), body };
    const answer = await this.admin.call(call);
    if (answer.kind === 'refused' && answer.status === 409) return false;
    this.validate(call, answer, entityAnswer);
    return true;
  }

  private async write(method: 'PUT' | 'PATCH', path: string[], body: Fields): Promise<void> {
    const call = { ...callTo(method, path), body };
    this.validate(call, await this.admin.call(call), entityAnswer);
  }

  private validate<T extends z.ZodType>(call: KongCall, answer: KongAnswer, schema: T): z.output<T> {
    if (answer.kind !== 'done') throw unexpectedRefusal(call, answer, this.secrets);
    const parsed = schema.safeParse(answer.body);
    if (!parsed.success)
      throw new KongFailureError({ operation: call.operation, problem: 'members of the answer are missing or wrong' });
    return parsed.data;
  }
}

/** The operation shows names of services, routes and plugins, which are no secrets. */
function callTo(method: KongCall['method'], path: string[]): KongCall {
  return { method, path, operation: `${method} /${path.join('/')}` };
}

function isOurs({ tags }: Entity): boolean {
  return tags?.includes(SETUP_TAG) ?? false;
}

/**
 * The members of `wanted`, by their paths, that `actual` has not. Kong's lists of texts are sets, so
 * their order does not count.
 */
function differences(wanted: Fields, actual: Fields, prefix = ''): string[] {
  return Object.entries(wanted).flatMap(([name, value]) => {
    const found = actual[name] ?? null;
    if (isFields(value) && isFields(found)) return differences(value, found, `${prefix}${name}.`);
    return isDeepStrictEqual(sorted(value), sorted(found)) ? [] : [prefix + name];
  });
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function sorted(value: unknown): unknown {
  return Array.isArray(value) ? [...value].sort() : value;
}
