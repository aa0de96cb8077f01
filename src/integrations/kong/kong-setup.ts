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
  SETUP_TAG,
} from './kong-setup-plan';

export interface Change {
  action: 'created' | 'updated' | 'removed';
  kind: 'service' | 'route' | 'plugin';
  /** `cors on service graphql-identity` for a plugin. */
  name: string;
  /**
   * Which members were different, for an update. Never their values: one of them is the shared
   * secret.
   */
  fields: string[];
}

export function describeChange({ action, kind, name, fields }: Change): string {
  return `${action} ${kind} ${name}${fields.length > 0 ? ` (${fields.join(', ')})` : ''}`;
}

const entityAnswer = z.looseObject({ id: z.string(), name: z.string().nullish(), tags: z.array(z.string()).nullish() });
type Entity = z.infer<typeof entityAnswer>;
const listAnswer = z.object({ data: z.array(entityAnswer) });

/** The part of KongAdmin that the set-up needs. */
export type KongSetupAdmin = Pick<KongAdmin, 'call'>;

/**
 * Makes services, routes and plugins in Kong what the plan says, and changes nothing that is right
 * already. Entities that others made stay, unless they have the name of a planned one.
 * @param report is told each change as soon as it is made; when a later one fails, that much was
 *   done
 * @throws KongUnreachableError, KongFailureError (with what Kong said in `refusal`), RangeError for
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

/** request-transformer takes `$(…)` for a template and forgets colons after the first. */
function checkSecret(secret: string | undefined): void {
  if (secret === undefined || (/^[\x21-\x7e]+$/.test(secret) && !secret.includes('$(') && !secret.startsWith(':')))
    return;
  throw new RangeError(
    'The shared secret must be printable ASCII without spaces and without "$(", and must not start with a colon.',
  );
}

class KongSetup {
  constructor(
    private readonly admin: KongSetupAdmin,
    private readonly secrets: readonly string[],
    private readonly changed: (change: Change) => void,
  ) {}

  async service({ name, fields, plugins, routes }: PlannedService): Promise<void> {
    await this.named({ kind: 'service', name, fields, readPath: ['services', name], writePath: ['services', name] });
    await this.plugins(['services', name], `service ${name}`, plugins);
    for (const route of routes) await this.route(name, route);
    const wanted = new Set(routes.map((route) => route.name));
    for (const existing of await this.list(['services', name, 'routes'])) {
      if (isOurs(existing) && !wanted.has(existing.name ?? ''))
        await this.remove('route', ['routes', existing.id], existing.name ?? existing.id);
    }
  }

  private async route(service: string, { name, fields, plugins }: PlannedRoute): Promise<void> {
    const { id } = await this.get(['services', service]);
    const withService = { ...fields, service: { id } };
    await this.named({
      kind: 'route',
      name,
      fields: withService,
      readPath: ['routes', name],
      writePath: ['services', service, 'routes', name],
    });
    await this.plugins(['routes', name], `route ${name}`, plugins);
  }

  /** PUT sets every member that the plan does not name back to Kong's default. */
  private async named(planned: {
    kind: 'service' | 'route';
    name: string;
    fields: Fields;
    readPath: string[];
    writePath: string[];
  }): Promise<void> {
    const { kind, name, fields } = planned;
    const wanted = { ...fields, tags: [SETUP_TAG] };
    const existing = await this.find(planned.readPath);
    const different = existing ? differences(wanted, existing) : [];
    if (existing && different.length === 0) return;
    await this.write('PUT', planned.writePath, wanted);
    this.changed({ action: existing ? 'updated' : 'created', kind, name, fields: different });
  }

  private async plugins(scope: string[], where: string, planned: PlannedPlugin[]): Promise<void> {
    const existing = (await this.list([...scope, 'plugins'])).filter(
      ({ consumer }) => consumer === null || consumer === undefined,
    );
    for (const { name, config } of planned) {
      const wanted = { name, config, enabled: true, tags: [SETUP_TAG] };
      const found = existing.find((plugin) => plugin.name === name);
      const different = found ? differences(wanted, found) : [];
      if (found && different.length === 0) continue;
      if (found) await this.write('PATCH', ['plugins', found.id], wanted);
      else await this.write('POST', [...scope, 'plugins'], wanted);
      this.changed({
        action: found ? 'updated' : 'created',
        kind: 'plugin',
        name: `${name} on ${where}`,
        fields: different,
      });
    }
    const names = new Set(planned.map(({ name }) => name));
    for (const plugin of existing) {
      if (isOurs(plugin) && !names.has(plugin.name ?? ''))
        await this.remove('plugin', ['plugins', plugin.id], `${plugin.name} on ${where}`);
    }
  }

  private async remove(kind: 'route' | 'plugin', path: string[], name: string): Promise<void> {
    const call = callTo('DELETE', path);
    this.done(call, await this.admin.call(call), z.unknown());
    this.changed({ action: 'removed', kind, name, fields: [] });
  }

  private async find(path: string[]): Promise<Entity | null> {
    const call = callTo('GET', path);
    const answer = await this.admin.call(call);
    return answer.kind === 'absent' ? null : this.done(call, answer, entityAnswer);
  }

  private async get(path: string[]): Promise<Entity> {
    const call = callTo('GET', path);
    return this.done(call, await this.admin.call(call), entityAnswer);
  }

  private async list(path: string[]): Promise<Entity[]> {
    const call: KongCall = { ...callTo('GET', path), query: { size: '1000' } };
    return this.done(call, await this.admin.call(call), listAnswer).data;
  }

  private async write(method: 'POST' | 'PUT' | 'PATCH', path: string[], body: Fields): Promise<void> {
    const call = { ...callTo(method, path), body };
    this.done(call, await this.admin.call(call), entityAnswer);
  }

  private done<T extends z.ZodType>(call: KongCall, answer: KongAnswer, schema: T): z.output<T> {
    if (answer.kind !== 'done') throw unexpectedRefusal(call, answer, this.secrets);
    const parsed = schema.safeParse(answer.body);
    if (!parsed.success)
      throw new KongFailureError({ operation: call.operation, problem: 'members of the answer are missing or wrong' });
    return parsed.data;
  }
}

/** Names of services, routes and plugins are no secrets: the operation shows them. */
function callTo(method: KongCall['method'], path: string[]): KongCall {
  return { method, path, operation: `${method} /${path.join('/')}` };
}

function isOurs({ tags }: Entity): boolean {
  return tags?.includes(SETUP_TAG) ?? false;
}

/**
 * The members of `wanted`, by their paths, that are not so in `actual`. Kong's lists of texts are
 * sets: their order says nothing.
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
