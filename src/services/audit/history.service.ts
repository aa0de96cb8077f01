import type { SqlEntityManager } from '@mikro-orm/postgresql';
import { isUuid, uuidArray } from '../../database/uuid';
import { AppError } from '../../errors/app-error';
import {
  type AuditEventFilter,
  auditEventHistory,
  type HistoryPlace,
  type HistoryQueries,
  type HistoryRow,
  type LoginAttemptFilter,
  loginAttemptHistory,
} from '../../queries/history';
import { type Caller, requireScope, signedIn } from '../caller';

export interface HistoryPage<Row> {
  rows: Row[];
  cursorOf: (index: number) => string;
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

/** Events from a moment on, until before another one. */
interface PeriodInput {
  from?: Date | null;
  until?: Date | null;
}

export interface LoginAttemptFilterInput {
  outcome?: string | null;
  at?: PeriodInput | null;
}

export interface AuditFilterInput {
  action?: string | null;
  actorId?: string | null;
  targetId?: string | null;
  at?: PeriodInput | null;
}

/** A page of a Relay connection, forward. */
export interface HistoryPageArgs {
  first?: number | null;
  after?: string | null;
  /** The newest first unless it is given. */
  sort?: 'NEWEST_FIRST' | 'OLDEST_FIRST' | null;
}

export const HISTORY_PAGE_MAX = 1000;
export const HISTORY_PAGE_DEFAULT = 50;

/** The past, newest first: logins and security events. */
export class HistoryService {
  constructor(private readonly em: SqlEntityManager) {}

  /**
   * The caller's own logins; with READ_LOGIN_ATTEMPTS those of another user, or all of them.
   * @throws AppError FORBIDDEN, USER_NOT_FOUND, BAD_USER_INPUT
   */
  async loginAttempts(
    caller: Caller,
    whose: { userId?: string | null; allUsers: boolean },
    filter: LoginAttemptFilterInput,
    page: HistoryPageArgs,
  ): Promise<HistoryPage<LoginAttemptView>> {
    const principal = signedIn(caller);
    const userId = whose.userId ?? (whose.allUsers ? undefined : principal.userId);
    if (userId !== principal.userId) requireScope(caller, 'READ_LOGIN_ATTEMPTS');
    if (userId !== undefined && !isUuid(userId)) throw new AppError('USER_NOT_FOUND');
    const given = { ...attemptFilter(filter), ...(userId !== undefined && { userId }) };
    return this.page<LoginAttemptFilter, LoginAttemptView & HistoryRow>(loginAttemptHistory, given, page);
  }

  /** A page of the logins of each user, by user id. @throws AppError BAD_USER_INPUT */
  async loginAttemptsOfUsers(
    userIds: readonly string[],
    filter: LoginAttemptFilterInput,
    page: HistoryPageArgs,
  ): Promise<Map<string, HistoryPage<LoginAttemptView>>> {
    return this.pagesOfUsers<LoginAttemptFilter, LoginAttemptView & HistoryRow>(
      loginAttemptHistory,
      userIds,
      attemptFilter(filter),
      page,
    );
  }

  /** @throws AppError USER_NOT_FOUND, BAD_USER_INPUT */
  async auditEvents(filter: AuditFilterInput, page: HistoryPageArgs): Promise<HistoryPage<AuditEventView>> {
    return this.page<AuditEventFilter, AuditEventView & HistoryRow>(auditEventHistory, auditFilter(filter), page);
  }

  /** A page of the events that each user caused, by user id. @throws AppError USER_NOT_FOUND, BAD_USER_INPUT */
  async auditEventsOfUsers(
    userIds: readonly string[],
    filter: AuditFilterInput,
    page: HistoryPageArgs,
  ): Promise<Map<string, HistoryPage<AuditEventView>>> {
    return this.pagesOfUsers<AuditEventFilter, AuditEventView & HistoryRow>(
      auditEventHistory,
      userIds,
      auditFilter(filter),
      page,
    );
  }

  private async page<Filter extends object, Row extends HistoryRow>(
    history: HistoryQueries<Filter>,
    filter: Filter,
    args: HistoryPageArgs,
  ): Promise<HistoryPage<Row>> {
    const { size, shape } = pageOf(filter, args);
    const rows = await history.page<Row>(shape).replicaRows(this.em, { ...shape.filter, limit: size + 1 });
    return historyPage(rows, size, args);
  }

  private async pagesOfUsers<Filter extends object, Row extends HistoryRow>(
    history: HistoryQueries<Filter>,
    userIds: readonly string[],
    filter: Filter,
    args: HistoryPageArgs,
  ): Promise<Map<string, HistoryPage<Row>>> {
    const { size, shape } = pageOf(filter, args);
    const values = { ...shape.filter, limit: size + 1, userIds: uuidArray(userIds) };
    const rows = await history.pagesOfUsers<Row>(shape).replicaRows(this.em, values);
    const owned = Map.groupBy(rows, (row) => row.owner_id);
    return new Map(userIds.map((id) => [id, historyPage<Row>(owned.get(id) ?? [], size, args)]));
  }
}

/** @throws AppError BAD_USER_INPUT */
function pageOf<Filter extends object>(filter: Filter, { first, after, sort }: HistoryPageArgs) {
  const size = first ?? HISTORY_PAGE_DEFAULT;
  if (size < 0 || size > HISTORY_PAGE_MAX)
    throw new AppError('BAD_USER_INPUT', { detail: `A page holds 0 to ${HISTORY_PAGE_MAX} rows, not ${size}` });
  const place: HistoryPlace = after ? decodeCursor(after) : {};
  return { size, shape: { filter: { ...filter, ...place }, isOldestFirst: sort === 'OLDEST_FIRST' } };
}

/** @param rows one more than the page holds, where there are more */
function historyPage<Row extends HistoryRow>(rows: readonly Row[], size: number, args: HistoryPageArgs) {
  const shown = rows.slice(0, size);
  for (const row of shown) row.at = new Date(row.at);
  return {
    rows: shown,
    cursorOf: (index: number) => encodeCursor(shown[index]!),
    hasNextPage: rows.length > size,
    hasPreviousPage: Boolean(args.after),
  };
}

function attemptFilter({ outcome, at }: LoginAttemptFilterInput): LoginAttemptFilter {
  return { ...texts({ outcome }), ...period(at) };
}

/** @throws AppError USER_NOT_FOUND */
function auditFilter({ action, actorId, targetId, at }: AuditFilterInput): AuditEventFilter {
  if (typeof actorId === 'string' && !isUuid(actorId)) throw new AppError('USER_NOT_FOUND');
  return { ...texts({ action, actorId, targetId }), ...period(at) };
}

/** Those that are given, as PostgreSQL can hold them: another text is in no row. */
function texts<Name extends string>(values: Record<Name, string | null | undefined>): Partial<Record<Name, string>> {
  const given = Object.entries<string | null | undefined>(values).flatMap(([name, value]) =>
    typeof value === 'string' ? [[name, value.toWellFormed().replaceAll('\0', '')]] : [],
  );
  return Object.fromEntries(given);
}

const period = (at: PeriodInput | null | undefined): { from?: Date; until?: Date } => ({
  ...(at?.from && { from: at.from }),
  ...(at?.until && { until: at.until }),
});

const encodeCursor = ({ at_micros, id }: HistoryRow): string =>
  Buffer.from(`at:${at_micros} ${id}`).toString('base64url');

/** @throws AppError BAD_USER_INPUT */
function decodeCursor(cursor: string): HistoryPlace {
  const place = /^at:(\d{1,16}) (\d{1,18})$/.exec(Buffer.from(cursor, 'base64url').toString());
  if (!place) throw new AppError('BAD_USER_INPUT', { detail: '"after" is not a cursor of this connection' });
  return { afterAt: place[1]!, afterId: place[2]! };
}
