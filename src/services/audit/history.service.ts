import type { SqlEntityManager } from '@mikro-orm/postgresql';
import { isUuid } from '../../database/uuid';
import { AppError } from '../../errors/app-error';
import {
  type AuditEventFilter,
  findAuditEvents,
  findLoginAttempts,
  type HistoryPages,
  type LoginAttemptFilter,
} from '../../queries/history';
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
  count: number;
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
  count: number;
}

export interface AuditFilter {
  action?: string | null;
  actorId?: string | null;
  targetId?: string | null;
}

/** A page of a Relay connection, forward. */
export interface HistoryPageArgs {
  first?: number | null;
  after?: string | null;
}

const MAX = 1000;
const DEFAULT = 50;
const CURSOR = 'at:';

/** The past, newest first: logins and security events. */
export class HistoryService {
  constructor(private readonly em: SqlEntityManager) {}

  /**
   * The caller's own logins; with READ_LOGIN_ATTEMPTS those of another user, or all of them.
   * @throws AppError FORBIDDEN, USER_NOT_FOUND, BAD_USER_INPUT
   */
  async loginAttempts(
    caller: Caller,
    { userId, everybody }: { userId?: string | null; everybody: boolean },
    page: HistoryPageArgs,
  ): Promise<HistoryPage<LoginAttemptView>> {
    const principal = signedIn(caller);
    const owner = userId ?? (everybody ? undefined : principal.userId);
    if (owner !== principal.userId) requireScope(caller, 'READ_LOGIN_ATTEMPTS');
    if (owner !== undefined && !isUuid(owner)) throw new AppError('USER_NOT_FOUND');
    return this.page<LoginAttemptFilter, LoginAttemptView>(findLoginAttempts, { userId: owner }, page);
  }

  /** @throws AppError USER_NOT_FOUND, BAD_USER_INPUT */
  async auditEvents(filter: AuditFilter, page: HistoryPageArgs): Promise<HistoryPage<AuditEventView>> {
    if (typeof filter.actorId === 'string' && !isUuid(filter.actorId)) throw new AppError('USER_NOT_FOUND');
    return this.page<AuditEventFilter, AuditEventView>(findAuditEvents, filter, page);
  }

  private async page<Filter extends object, Row extends { id: string; at: Date }>(
    find: HistoryPages<Filter>,
    filter: { [Name in keyof Filter]?: string | null },
    { first, after }: HistoryPageArgs,
  ): Promise<HistoryPage<Row>> {
    const size = first ?? DEFAULT;
    if (size < 0 || size > MAX)
      throw new AppError('BAD_USER_INPUT', { detail: `A page holds 0 to ${MAX} rows, not ${size}` });
    const given: Record<string, string> = after ? { after: decodeCursor(after) } : {};
    for (const [name, value] of Object.entries(filter) as [string, string | null | undefined][])
      if (typeof value === 'string') given[name] = value.toWellFormed().replaceAll('\0', '');
    const rows = await find<Row>(given as Filter).replicaRows(this.em, ...([{ ...given, limit: size + 1 }] as never));
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
