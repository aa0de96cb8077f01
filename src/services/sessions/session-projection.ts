import type { SqlEntityManager } from '@mikro-orm/postgresql';
import type { Logger } from 'pino';
import type { Clock } from '../../config/clock';
import {
  findFormerSessionOwners,
  findLiveSession,
  findRecentSessionOwners,
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
      const now = this.deps.clock.now();
      const since = new Date(now.getTime() - this.deps.ttl * 1000);
      for (const owner of await findRecentSessionOwners.rows(this.deps.em, { since, now }))
        await this.set(owner, Math.max(1, new Date(owner.last_activity).getTime() - since.getTime()));
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
