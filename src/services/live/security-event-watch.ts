import type { SqlEntityManager } from '@mikro-orm/postgresql';
import type { Logger } from 'pino';
import type { Clock } from '../../config/clock';
import type { ChangeFeed } from '../../database/change-feed';
import { findAuditEventsByIds } from '../../queries/history';
import type { TokenAuthenticator } from '../../security/tokens/token-authenticator';
import { TokenError } from '../../security/tokens/token-error';
import type { AuditEventView } from '../audit/history.service';
import { type Caller, requireScope } from '../caller';
import type { EventStream } from './event-stream';
import { LiveStreams } from './live-streams';

const SCOPE = 'READ_AUDIT_LOG';

export interface SecurityEventWatchDependencies {
  em: SqlEntityManager;
  feed: ChangeFeed;
  authenticator: TokenAuthenticator;
  clock: Clock;
  logger: Logger;
}

/** Streams of new security events, for callers with READ_AUDIT_LOG. */
export class SecurityEventWatch {
  private readonly streams = new LiveStreams<AuditEventView>();
  private readonly added = new Set<string>();
  private round: Promise<void> | null = null;

  constructor(private readonly deps: SecurityEventWatchDependencies) {
    deps.feed.onAuditEvent((id) => this.add(id));
    deps.feed.onChange((account) => void this.authorizeAgain(account));
  }

  /** @throws AppError UNAUTHENTICATED, FORBIDDEN, RATE_LIMITED */
  async open(caller: Caller): Promise<EventStream<AuditEventView>> {
    return this.streams.open(requireScope(caller, SCOPE), this.deps.clock.now());
  }

  close(): void {
    this.streams.close();
  }

  private add(id: string): void {
    if (this.streams.size === 0) return;
    this.added.add(id);
    if (this.round) return;
    this.round = this.sendAdded()
      .catch((error: unknown) => this.deps.logger.warn({ err: error }, 'new security events could not be read'))
      .finally(() => {
        this.round = null;
      });
  }

  private async sendAdded(): Promise<void> {
    while (this.added.size > 0) {
      const ids = `{${[...this.added].join(',')}}`;
      this.added.clear();
      const rows = (await findAuditEventsByIds.rows(this.deps.em, { ids })) as AuditEventView[];
      for (const row of rows) row.at = new Date(row.at);
      for (const account of this.streams.accounts)
        for (const { stream } of this.streams.of(account)) for (const row of rows) stream.push(row);
    }
  }

  /** Ends the streams of callers whose token has ended, or who lost a scope: the fields of an event need others too. */
  private async authorizeAgain(account: string): Promise<void> {
    const accounts = account === '*' ? this.streams.accounts : [account];
    for (const { principal, stream } of accounts.flatMap((id) => this.streams.of(id))) {
      try {
        const now = await this.deps.authenticator.reauthenticate(this.deps.em, principal);
        if (!now.covers(principal.scopes)) stream.end();
      } catch (error) {
        // what cannot be decided is not sent on
        if (!(error instanceof TokenError)) this.deps.logger.warn({ err: error }, 'a stream was ended');
        stream.end();
      }
    }
  }
}
