import { join, type Places, type Sql, type Statement, sql, statement } from '../database/sql';
import { microsecondsOf, momentAt } from './moments';

/** Which rows a history holds; what is undefined does not narrow it. */
interface Period {
  from?: Date;
  /** The moment behind the period. */
  until?: Date;
}

export type LoginAttemptFilter = Period & { userId?: string; outcome?: string };
export type AuditEventFilter = Period & { action?: string; actorId?: string; targetId?: string };

/** The row that a page follows; both or none. */
export interface HistoryPlace {
  /** Microseconds since 1970. */
  afterAt?: string;
  afterId?: string;
}

export interface HistoryRow {
  id: string;
  at: Date;
  /** `at` in microseconds since 1970. */
  at_micros: string;
}

export interface HistoryShape<Filter> {
  /** Its members that are given. */
  filter: Filter & HistoryPlace;
  isOldestFirst: boolean;
}

interface PageSize {
  limit: number;
}
type AllPlaces<Filter> = Places<Filter & HistoryPlace & PageSize & { userIds: string }>;
type Conditions<Filter> = { readonly [Name in keyof Filter & string]-?: (at: Places<Filter>) => Sql };

const inPeriod: Conditions<Period> = {
  from: ({ from }) => sql`at >= ${from}::timestamptz`,
  until: ({ until }) => sql`at < ${until}::timestamptz`,
};

interface HistoryTable<Filter> {
  name: string;
  table: Sql;
  columns: Sql;
  /** The account whose rows `pagesOfUsers` finds. */
  user: Sql;
  conditions: Conditions<Filter>;
}

/** A table whose rows are events. One statement for each combination of filters, made when it is first needed. */
export class HistoryQueries<Filter extends object> {
  private readonly statements = new Map<string, Statement<never, unknown>>();

  constructor(private readonly table: HistoryTable<Filter>) {}

  /** Its values are those of the shape's filter, and the size of the page. */
  page<Row extends HistoryRow>(shape: HistoryShape<Filter>): Statement<PageSize, Row> {
    return this.find(`find-${this.table.name}`, shape, (at) => this.rows(shape, at, sql`true`));
  }

  /** A page for each user. Its values are those of `page`, and `userIds` as PostgreSQL reads an array: `{id,id}`. */
  pagesOfUsers<Row extends HistoryRow>(
    shape: HistoryShape<Filter>,
  ): Statement<PageSize & { userIds: string }, Row & { owner_id: string }> {
    return this.find(
      `find-${this.table.name}-of-users`,
      shape,
      (at) => sql`
        select owner.id as owner_id, page.* from unnest(${at.userIds}::uuid[]) as owner (id) cross join lateral (
          ${this.rows(shape, at, sql`${this.table.user} = owner.id`)}
        ) as page order by owner.id, page.place`,
    );
  }

  private find<V extends object, Row>(
    name: string,
    { filter, isOldestFirst }: HistoryShape<Filter>,
    build: (at: AllPlaces<Filter>) => Sql,
  ): Statement<V, Row> {
    const shape = [name, isOldestFirst ? 'oldest' : 'newest', ...Object.keys(filter).sort()].join('-');
    const found = this.statements.get(shape) ?? statement<never, unknown>(shape, build as (at: unknown) => Sql);
    this.statements.set(shape, found);
    return found as unknown as Statement<V, Row>;
  }

  private rows(
    { filter, isOldestFirst }: HistoryShape<Filter>,
    at: Places<Filter & HistoryPlace & PageSize>,
    condition: Sql,
  ): Sql {
    const { table, columns, conditions } = this.table;
    const names = (Object.keys(conditions) as (keyof Filter & string)[]).filter((name) => name in filter);
    const where = [condition, ...names.map((name) => conditions[name](at))];
    if ('afterId' in filter) {
      const place = sql`(${momentAt(at.afterAt)}, ${at.afterId}::bigint)`;
      where.push(isOldestFirst ? sql`(at, ${table}.id) > ${place}` : sql`(at, ${table}.id) < ${place}`);
    }
    // the table's own id: the selected one is text, in which 10 comes before 9
    const order = isOldestFirst ? sql`at, ${table}.id` : sql`at desc, ${table}.id desc`;
    return sql`select ${columns}, ${microsecondsOf(sql`at`)} as at_micros,
      row_number() over (order by ${order}) as place
      from ${table} where ${join(where, sql` and `)} order by ${order} limit ${at.limit}`;
  }
}

export const loginAttemptHistory = new HistoryQueries<LoginAttemptFilter>({
  name: 'login-attempts',
  table: sql`login_attempts`,
  columns: sql`
    id::text, at, identifier, user_id as "userId", channel, address, user_agent as "userAgent", outcome, count`,
  user: sql`user_id`,
  conditions: {
    ...inPeriod,
    userId: ({ userId }) => sql`user_id = ${userId}`,
    outcome: ({ outcome }) => sql`outcome = ${outcome}`,
  },
});

const auditEventColumns = sql`
  id::text, at, action, actor_id as "actorId", actor_name as "actorName", target_type as "targetType",
  target_id as "targetId", address, user_agent as "userAgent", detail, count`;

/** @param ids as PostgreSQL reads an array: `{1,2}` */
export const findAuditEventsByIds = statement<{ ids: string }, unknown>(
  'find-audit-events-by-ids',
  ({ ids }) =>
    sql`select ${auditEventColumns} from audit_events where id = any(${ids}::bigint[]) order by audit_events.id`,
);

export const auditEventHistory = new HistoryQueries<AuditEventFilter>({
  name: 'audit-events',
  table: sql`audit_events`,
  columns: auditEventColumns,
  user: sql`actor_id`,
  conditions: {
    ...inPeriod,
    action: ({ action }) => sql`action = ${action}`,
    actorId: ({ actorId }) => sql`actor_id = ${actorId}`,
    targetId: ({ targetId }) => sql`target_id = ${targetId}`,
  },
});
