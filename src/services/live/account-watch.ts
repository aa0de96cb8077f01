import type { SqlEntityManager } from '@mikro-orm/postgresql';
import type { Logger } from 'pino';
import type { Clock } from '../../config/clock';
import type { ChangeFeed } from '../../database/change-feed';
import { uuidArray } from '../../database/uuid';
import { findProfiles, type ProfileRow } from '../../queries/profiles';
import type { Principal } from '../../security/principal';
import type { TokenAuthenticator } from '../../security/tokens/token-authenticator';
import { TokenError } from '../../security/tokens/token-error';
import { type Caller, signedIn } from '../caller';
import { scopesOf } from '../roles/role-cache';
import type { SessionStatusLoader } from '../sessions/session-status-loader';
import type { UserQueries } from '../users/user-queries';
import type { UserView } from '../users/user-view';
import type { EventStream } from './event-stream';
import { LiveStreams } from './live-streams';

type AccountChangeKind = 'SESSION_ENDED' | 'ROLES_CHANGED' | 'PROFILE_CHANGED';

export interface AccountChange {
  kind: AccountChangeKind;
  at: Date;
}

export interface AccountWatchDependencies {
  em: SqlEntityManager;
  feed: ChangeFeed;
  users: UserQueries;
  authenticator: TokenAuthenticator;
  sessionStatus: SessionStatusLoader;
  clock: Clock;
  logger: Logger;
}

/** What the last event of an account was compared with. */
interface Snapshot {
  roles: string;
  profile: string;
}

const BATCH = 1000;

/**
 * Streams of changes of the caller's own account. When the change feed names an account, its rows
 * are read again and compared with what was read before: three statements for up to a thousand
 * accounts.
 */
export class AccountWatch {
  private readonly streams = new LiveStreams<AccountChange>();
  private readonly snapshots = new Map<string, Snapshot>();
  private readonly changed = new Set<string>();
  private round: Promise<void> | null = null;

  constructor(private readonly deps: AccountWatchDependencies) {
    deps.feed.onChange((account) => this.look(account));
  }

  /** @throws AppError UNAUTHENTICATED, RATE_LIMITED */
  async open(caller: Caller): Promise<EventStream<AccountChange>> {
    const principal = signedIn(caller);
    const stream = this.streams.open(principal, this.deps.clock.now());
    const { userId } = principal;
    if (!this.snapshots.has(userId)) {
      const [users, profiles] = await this.read([userId]);
      const user = users.get(userId);
      if (user) this.snapshots.set(userId, snapshotOf(user, profiles.get(userId)));
    }
    this.look(userId); // a change since the caller was authenticated
    return stream;
  }

  get size(): number {
    return this.streams.size;
  }

  close(): void {
    this.streams.close();
  }

  private look(account: string): void {
    if (account === '*') for (const id of this.streams.accounts) this.changed.add(id);
    else if (this.streams.has(account)) this.changed.add(account);
    if (this.changed.size === 0 || this.round) return;
    this.round = this.compareChanged()
      .catch((error: unknown) => this.deps.logger.warn({ err: error }, 'watched accounts could not be read'))
      .finally(() => {
        this.round = null;
      });
  }

  private async compareChanged(): Promise<void> {
    while (this.changed.size > 0) {
      const ids = [...this.changed].slice(0, BATCH);
      for (const id of ids) this.changed.delete(id);
      const [users, profiles] = await this.read(ids);
      await Promise.all(ids.map((id) => this.compare(id, users.get(id), profiles.get(id))));
    }
  }

  private async read(ids: readonly string[]): Promise<[Map<string, UserView>, Map<string, ProfileRow>]> {
    const [users, profiles] = await Promise.all([
      this.deps.users.findMany(ids),
      findProfiles.rows(this.deps.em, { userIds: uuidArray(ids) }),
    ]);
    return [users, new Map(profiles.map((profile) => [profile.user_id, profile]))];
  }

  private async compare(id: string, user: UserView | undefined, profile: ProfileRow | undefined): Promise<void> {
    const at = this.deps.clock.now();
    for (const { principal, stream } of this.streams.of(id)) {
      if (user?.isActive && (await this.isLive(principal))) continue;
      stream.push({ kind: 'SESSION_ENDED', at });
      stream.end();
    }
    const before = this.snapshots.get(id);
    if (!user || this.streams.of(id).length === 0) {
      this.snapshots.delete(id);
      return;
    }
    const now = snapshotOf(user, profile);
    this.snapshots.set(id, now);
    if (!before) return;
    for (const { stream } of this.streams.of(id)) {
      if (before.roles !== now.roles) stream.push({ kind: 'ROLES_CHANGED', at });
      if (before.profile !== now.profile) stream.push({ kind: 'PROFILE_CHANGED', at });
    }
  }

  private async isLive(principal: Principal): Promise<boolean> {
    const { sessionStatus, authenticator, em } = this.deps;
    if (principal.sessionId !== null) return sessionStatus.isUnrevoked(principal.sessionId);
    try {
      await authenticator.reauthenticate(em, principal);
      return true;
    } catch (error) {
      if (error instanceof TokenError) return false;
      throw error;
    }
  }
}

function snapshotOf(user: UserView, profile: ProfileRow | undefined): Snapshot {
  const { roles, lastLoginAt: _, ...account } = user;
  return { roles: scopesOf(roles).join(' '), profile: JSON.stringify([account, profile]) };
}
