import type { SqlEntityManager } from '@mikro-orm/postgresql';
import { sqlDuration } from '../observability/metrics/metrics';
import { ObservedWork } from '../observability/observed-work';
import { isDatabaseAway } from './availability';
import { type Prepared, runPrepared } from './prepared';

export type SqlValue = string | number | boolean | Date | null | readonly string[];

/** The place of a value in a statement, by the name under which the caller gives it. */
export class Parameter {
  constructor(readonly name: string) {}
}

/** Part of a statement: text, with parameters at their places. Build it with the tag `sql`. */
export class Sql {
  constructor(
    readonly strings: readonly string[],
    readonly parts: readonly (Parameter | Sql)[],
  ) {}
}

/** A tagged template: `${}` takes parameters and other parts, and never a value or text from elsewhere. */
export const sql = (strings: TemplateStringsArray, ...parts: (Parameter | Sql)[]): Sql => new Sql(strings, parts);

/** Joins parts, for conditions that depend on what was asked. */
export function join(parts: readonly Sql[], separator: Sql): Sql {
  return parts.reduce((all, part, i) => (i === 0 ? part : sql`${all}${separator}${part}`), sql``);
}

type Values = Readonly<Record<string, SqlValue>>;
/** The places of a statement's values, by name. */
export type Places<P> = { readonly [K in keyof P]-?: Parameter };
type Given<P> = keyof P extends never ? [] : [values: P];

export interface StatementOptions {
  /** False for a statement whose best plan depends on its values, such as a search for text. */
  keepsPlan?: boolean;
}

const execution = new ObservedWork({
  duration: sqlDuration,
  span: { kind: 'client', attributes: { 'db.system.name': 'postgresql' } },
  failureOf: (error) => (isDatabaseAway(error) ? 'unavailable' : 'failed'),
});

/**
 * One statement with named parameters. PostgreSQL parses it once for each connection and keeps its
 * plan under the statement's name.
 */
export class Statement<P extends object, Row> {
  private readonly prepared: Prepared;
  /** Of its spans; its values never are. */
  private readonly attributes: { 'db.query.summary': string };
  /** The names of `$1`, `$2` …, each name once. */
  private readonly numbered: string[] = [];
  /** The names of the `?` in their order, as MikroORM takes them. */
  private readonly inOrder: string[] = [];

  constructor(
    readonly name: string,
    part: Sql,
    { keepsPlan = true }: StatementOptions = {},
  ) {
    this.attributes = { 'db.query.summary': name };
    this.prepared = { keepsPlan, name, text: this.render(part, 'numbered'), plain: this.render(part, 'inOrder') };
  }

  /** All rows. Inside a transaction pass its entity manager, so that the statement belongs to it. */
  async rows(em: SqlEntityManager, ...[values]: Given<P>): Promise<Row[]> {
    const given = (values ?? {}) as Values;
    return this.observe(() =>
      em.isInTransaction()
        ? em.execute(this.prepared.plain, this.take(this.inOrder, given), 'all')
        : runPrepared(em, this.prepared, this.take(this.numbered, given)),
    );
  }

  /** The first row, or undefined. */
  async row(em: SqlEntityManager, ...values: Given<P>): Promise<Row | undefined> {
    return (await this.rows(em, ...values))[0];
  }

  /**
   * Rows from a replica where there is one, and from the primary while it is away: for lists and
   * histories, which may lag. Whatever decides something reads the primary.
   */
  async replicaRows(em: SqlEntityManager, ...values: Given<P>): Promise<Row[]> {
    const replica = em.getConnection('read');
    if (replica === em.getConnection('write')) return this.rows(em, ...values);
    try {
      const given = (values[0] ?? {}) as Values;
      return await this.observe(() => replica.execute(this.prepared.plain, this.take(this.inOrder, given), 'all'));
    } catch (error) {
      if (!isDatabaseAway(error)) throw error;
      return this.rows(em, ...values);
    }
  }

  /** For a client of `pg` itself, as the account transfer uses it. */
  query(...[values]: Given<P>): { text: string; values: unknown[] } {
    return { text: this.prepared.text, values: this.take(this.numbered, (values ?? {}) as Values) };
  }

  private observe(run: () => Promise<unknown>): Promise<Row[]> {
    return execution.run(this.name, run as () => Promise<Row[]>, this.attributes);
  }

  private take(names: readonly string[], values: Values): SqlValue[] {
    return names.map((name) => {
      const value = values[name];
      if (value === undefined) throw new TypeError(`statement ${this.name} got no value for ${name}`);
      return value;
    });
  }

  private render(part: Sql, style: 'numbered' | 'inOrder'): string {
    return part.strings.reduce((text, string, i) => {
      const previous = part.parts[i - 1]!;
      return (
        text + (previous instanceof Sql ? this.render(previous, style) : this.place(previous.name, style)) + string
      );
    });
  }

  private place(name: string, style: 'numbered' | 'inOrder'): string {
    if (style === 'inOrder') {
      this.inOrder.push(name);
      return '?';
    }
    if (!this.numbered.includes(name)) this.numbered.push(name);
    return `$${this.numbered.indexOf(name) + 1}`;
  }
}

const places = new Proxy({}, { get: (_target, name) => new Parameter(String(name)) });

/**
 * Defines a statement: `P` are its parameters, `Row` what a row holds.
 * @param name of this statement alone: PostgreSQL keeps its plan under it
 * @param build gets the places of the parameters by name; a place may be used more than once
 */
export function statement<P extends object, Row = never>(
  name: string,
  build: (at: Places<P>) => Sql,
  options?: StatementOptions,
): Statement<P, Row> {
  return new Statement<P, Row>(name, build(places as Places<P>), options);
}
