import { join, type Parameter, type Sql, type Statement, sql, statement } from '../database/sql';

interface HistoryValues {
  /** Id of the last row of the page before; null on the first page. */
  after?: string;
  limit: number;
}

export type LoginAttemptFilter = { userId?: string };
export type AuditEventFilter = { action?: string; actorId?: string; targetId?: string };

const loginAttemptColumns = sql`
  id::text, at, identifier, user_id as "userId", channel, address, user_agent as "userAgent", outcome, count`;
const auditEventColumns = sql`
  id::text, at, action, actor_id as "actorId", actor_name as "actorName", target_type as "targetType",
  target_id as "targetId", address, user_agent as "userAgent", detail, count`;

/** The newest login attempts first. @param names of the filters that are given */
export const findLoginAttempts = pages<LoginAttemptFilter>({
  name: 'login-attempts',
  columns: loginAttemptColumns,
  table: sql`login_attempts`,
  filters: { userId: sql`user_id` },
});

/** @param ids as PostgreSQL reads an array: `{1,2}` */
export const findAuditEventsByIds = statement<{ ids: string }, unknown>(
  'find-audit-events-by-ids',
  ({ ids }) =>
    sql`select ${auditEventColumns} from audit_events where id = any(${ids}::bigint[]) order by audit_events.id`,
);

/** The newest security events first. @param names of the filters that are given */
export const findAuditEvents = pages<AuditEventFilter>({
  name: 'audit-events',
  columns: auditEventColumns,
  table: sql`audit_events`,
  filters: { action: sql`action`, actorId: sql`actor_id`, targetId: sql`target_id` },
});

export type HistoryPages<Filter extends object> = <Row>(
  given: Filter & { after?: string },
) => Statement<Filter & HistoryValues, Row>;

/** One statement for each combination of filters, made when it is first needed. */
function pages<Filter extends object>({
  name,
  columns,
  table,
  filters,
}: {
  name: string;
  columns: Sql;
  table: Sql;
  filters: { [Name in keyof Filter & string]-?: Sql };
}): HistoryPages<Filter> {
  const statements = new Map<string, Statement<Filter & HistoryValues, unknown>>();
  return <Row>(given: Filter & { after?: string }): Statement<Filter & HistoryValues, Row> => {
    const names = (Object.keys(filters) as (keyof Filter & string)[]).filter((filter) => given[filter] !== undefined);
    const shape = [...names, ...(given.after === undefined ? [] : ['after'])].join('-');
    const found =
      statements.get(shape) ??
      statement<Filter & HistoryValues, unknown>(`find-${name}-${shape}`, (at) => {
        const place = at as Readonly<Record<string, Parameter>>;
        const conditions = names.map((filter) => sql`${filters[filter]} = ${place[filter]!}`);
        if (given.after !== undefined) conditions.push(sql`id < ${place.after!}::bigint`);
        const where = conditions.length > 0 ? sql`where ${join(conditions, sql` and `)}` : sql``;
        // the table's own id: the selected one is text, in which 10 comes before 9
        return sql`select ${columns} from ${table} ${where} order by ${table}.id desc limit ${place.limit!}`;
      });
    statements.set(shape, found);
    return found as Statement<Filter & HistoryValues, Row>;
  };
}
