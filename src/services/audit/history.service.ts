import type { SqlEntityManager } from '@mikro-orm/postgresql';
import { replicaRows, type SqlValue } from '../../database/positional-sql';
import { isUuid } from '../../database/uuid';
import { AppError } from '../../errors/app-error';
import { type Caller, requireScope, signedIn } from '../caller';

export interface HistoryPage<Row> {
  rows: Row[];
  cursors: string[];
  hasNextPage: boolean;
  hasPreviousPage: boolean;
}

export interface LoginAttemptView {
  id: string;
  at: Date;
  identifier: string;
  userId: string | null;
  channel: string;
  address: string | null;
  userAgent: string | null;
  outcome: string;
}

export interface AuditEventView {
  id: string;
  at: Date;
  action: string;
  actorId: string | null;
  actorName: string | null;
  targetType: string | null;
  targetId: string | null;
  address: string | null;
  userAgent: string | null;
  detail: Record<string, unknown>;
}

export interface AuditFilter {
  action?: string | null;
  actorId?: string | null;
  targetId?: string | null;
}

const MAX = 1000;
const DEFAULT = 50;
const CURSOR = 'at:';

const LOGIN_COLUMNS = `id::text, at, identifier, user_id as "userId", channel, address, user_agent as "userAgent", outcome`;
const AUDIT_COLUMNS = `id::text, at, action, actor_id as "actorId", actor_name as "actorName", target_type as "targetType",
  target_id as "targetId", address, user_agent as "userAgent", detail`;

/** The past, newest first: logins and security events. */
export class HistoryService {
  constructor(private readonly em: SqlEntityManager) {}

  /**
   * Own logins; those of others, and of nobody, with READ_LOGIN_ATTEMPTS. @throws AppError
   * FORBIDDEN, BAD_USER_INPUT
   */
  async loginAttempts(
    caller: Caller,
    userId: string | null,
    everybody: boolean,
    first?: number | null,
    after?: string | null,
  ): Promise<HistoryPage<LoginAttemptView>> {
    const principal = signedIn(caller);
    const owner = userId ?? (everybody ? null : principal.userId);
    if (owner !== principal.userId) requireScope(caller, 'READ_LOGIN_ATTEMPTS');
    if (owner !== null && !isUuid(owner)) throw new AppError('USER_NOT_FOUND');
    return this.page<LoginAttemptView>(
      'login_attempts',
      LOGIN_COLUMNS,
      owner === null ? {} : { user_id: owner },
      first,
      after,
    );
  }

  /** Needs READ_AUDIT_LOG. @throws AppError FORBIDDEN, BAD_USER_INPUT */
  async auditEvents(
    caller: Caller,
    filter: AuditFilter,
    first?: number | null,
    after?: string | null,
  ): Promise<HistoryPage<AuditEventView>> {
    requireScope(caller, 'READ_AUDIT_LOG');
    if (typeof filter.actorId === 'string' && !isUuid(filter.actorId)) throw new AppError('USER_NOT_FOUND');
    const where = { action: filter.action, actor_id: filter.actorId, target_id: filter.targetId };
    return this.page<AuditEventView>('audit_events', AUDIT_COLUMNS, where, first, after);
  }

  private async page<Row extends { id: string; at: Date }>(
    table: string,
    columns: string,
    equal: Record<string, string | null | undefined>,
    first: number | null | undefined,
    after: string | null | undefined,
  ): Promise<HistoryPage<Row>> {
    const size = first ?? DEFAULT;
    if (size < 0 || size > MAX)
      throw new AppError('BAD_USER_INPUT', { detail: `A page holds 0 to ${MAX} rows, not ${size}` });
    const where = Object.entries(equal).filter((entry): entry is [string, string] => typeof entry[1] === 'string');
    const conditions = where.map(([column]) => `${column} = ?`);
    const values: SqlValue[] = where.map(([, value]) => value.toWellFormed().replaceAll('\0', ''));
    if (after) {
      conditions.push('id < ?');
      values.push(decodeCursor(after));
    }
    const clause = conditions.length > 0 ? `where ${conditions.join(' and ')}` : '';
    // by the number of the table: `id` alone would be the text that is selected, in which 10 comes
    // before 9
    const sql = `select ${columns} from ${table} ${clause} order by ${table}.id desc limit ?`;
    const rows = await replicaRows<Row>(this.em, sql, [...values, size + 1]);
    const hasNextPage = rows.length > size;
    if (hasNextPage) rows.pop();
    for (const row of rows) row.at = new Date(row.at);
    return {
      rows,
      cursors: rows.map((row) => Buffer.from(CURSOR + row.id).toString('base64url')),
      hasNextPage,
      hasPreviousPage: Boolean(after),
    };
  }
}

function decodeCursor(cursor: string): string {
  const id = /^at:(\d{1,18})$/.exec(Buffer.from(cursor, 'base64url').toString())?.[1];
  if (id === undefined) throw new AppError('BAD_USER_INPUT', { detail: '"after" is not a cursor of this connection' });
  return id;
}
