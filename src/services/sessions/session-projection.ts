import type { SqlEntityManager } from '@mikro-orm/postgresql';
import type { Logger } from 'pino';
import type { Clock } from '../../config/clock';
import { uuidArray } from '../../database/uuid';
import {
  findFormerSessionOwners,
  findLiveSession,
  findRecentHolders,
  findRecentSessionOwners,
  findRecentSessionOwnersAmong,
  findSessionOwnerState,
  type SessionOwnerRow,
} from '../../queries/sessions';
import type { AccountState } from '../../security/tokens/account-state';
import { type KeyValueStore, StoreUnavailableError } from '../../stores/key-value-store';

export interface SessionProjectionDependencies {
  em: SqlEntityManager;
  store: KeyValueStore;
  ttl: number;
  clock: Clock;
  logger: Logger;
}

/** Users whose values one statement reads. */
const AT_ONCE = 1000;

/**
 * The value `session:{user_id}` that other services of the session contract read: present while a
 * session of the user was used in the last `ttl` seconds. It is a copy; sessions live in the
 * database. What could not be written while the store was away is written when it is back.
 */
export class SessionProjection {
  constructor(private readonly deps: SessionProjectionDependencies) {
    this.deps.store.onReconnect(() => void this.restore());
  }

  /** Writes the value of a user with a live session, as the database has it. */
  async renew(userId: string): Promise<void> {
    const owner = await findSessionOwnerState.row(this.deps.em, { userId, now: this.deps.clock.now() });
    if (owner) await this.set(owner, this.deps.ttl * 1000);
  }

  /** Writes the value of an account whose session was used at `at`. */
  async write(account: AccountState, at: Date): Promise<void> {
    const { userId, email, roles, isVerified } = account;
    await this.set(
      { user_id: userId, email, role: roles[0] ?? null, is_verified: isVerified, last_activity: at },
      this.deps.ttl * 1000,
    );
  }

  /** Users whose value shows a role that they may hold first. */
  async findRecentHolders(em: SqlEntityManager, roleId: string): Promise<string[]> {
    const rows = await findRecentHolders.rows(em, { roleId, ...this.recently() });
    return rows.map(({ user_id }) => user_id);
  }

  /** Writes the values of these users again, as long as they are present anyway. */
  async update(userIds: readonly string[]): Promise<void> {
    for (let from = 0; from < userIds.length; from += AT_ONCE) {
      const { since, now } = this.recently();
      const ids = uuidArray(userIds.slice(from, from + AT_ONCE));
      await this.rewrite(await findRecentSessionOwnersAmong.rows(this.deps.em, { userIds: ids, since, now }), since);
    }
  }

  /** The time within which a session was used whose value is present. */
  private recently(): { since: Date; now: Date } {
    const now = this.deps.clock.now();
    return { since: new Date(now.getTime() - this.deps.ttl * 1000), now };
  }

  private async rewrite(owners: readonly SessionOwnerRow[], since: Date): Promise<void> {
    for (const owner of owners)
      await this.set(owner, Math.max(1, new Date(owner.last_activity).getTime() - since.getTime()));
  }

  /** Deletes the value when no session of the user is left. */
  async removeUnlessLive(userId: string): Promise<void> {
    const live = await findLiveSession.row(this.deps.em, { userId, now: this.deps.clock.now() });
    if (!live) await ignoreUnavailable(this.deps.store.delete(key(userId)));
  }

  private async set(owner: SessionOwnerRow, ttlMs: number): Promise<void> {
    const value = {
      user_id: owner.user_id,
      email: owner.email,
      role: owner.role ?? 'user',
      is_verified: owner.is_verified,
      last_activity: new Date(owner.last_activity).toISOString().replace(/\.\d{3}Z$/, 'Z'),
    };
    await ignoreUnavailable(this.deps.store.set(key(owner.user_id), JSON.stringify(value), ttlMs));
  }

  /** After the store was away or emptied: missing values are written, values without a session deleted. */
  private async restore(): Promise<void> {
    try {
      const { since, now } = this.recently();
      await this.rewrite(await findRecentSessionOwners.rows(this.deps.em, { since, now }), since);
      // also of sessions that ended while these were written, and of accounts that are gone
      for (const { user_id } of await findFormerSessionOwners.rows(this.deps.em, { since }))
        await this.removeUnlessLive(user_id);
    } catch (error) {
      this.deps.logger.warn({ err: error }, 'session values could not be written again');
    }
  }
}

const key = (userId: string): string => `session:${userId}`;

async function ignoreUnavailable(done: Promise<unknown>): Promise<void> {
  await done.catch((error: unknown) => {
    if (!(error instanceof StoreUnavailableError)) throw error;
  });
}
