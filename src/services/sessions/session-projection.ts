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
  type SessionAccount,
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
 *
 * Invariant: a process that writes or deletes a value reads the database again afterwards, until that is
 * what was written. So of two writers the last one leaves the state of the last commit.
 */
export class SessionProjection {
  constructor(private readonly deps: SessionProjectionDependencies) {
    this.deps.store.onReconnect(() => void this.restore());
  }

  /** Writes the value of a user with a live session, as the database has it. */
  async renew(userId: string): Promise<void> {
    const values = { userId, now: this.deps.clock.now() };
    await this.project(
      () => findSessionOwnerState.rows(this.deps.em, values),
      () => this.deps.ttl * 1000,
    );
  }

  /**
   * Writes the value of an account whose session was used at `at`.
   * @param findCurrent reads the account again; undefined when the session has ended
   * @returns whether the session is live
   */
  async write(
    { userId, email, roles, isVerified }: AccountState,
    at: Date,
    findCurrent: () => Promise<SessionAccount | undefined>,
  ): Promise<boolean> {
    let written: SessionAccount = { email, role: roles[0] ?? null, is_verified: isVerified };
    for (;;) {
      await this.set({ ...written, user_id: userId, last_activity: at }, this.deps.ttl * 1000);
      const current = await findCurrent();
      if (!current || isSame(current, written)) return current !== undefined;
      written = current;
    }
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
      const values = { userIds: uuidArray(userIds.slice(from, from + AT_ONCE)), since, now };
      await this.project(
        () => findRecentSessionOwnersAmong.rows(this.deps.em, values),
        ({ last_activity }) => Math.max(1, new Date(last_activity).getTime() - since.getTime()),
      );
    }
  }

  /** The time within which a session was used whose value is present. */
  private recently(): { since: Date; now: Date } {
    const now = this.deps.clock.now();
    return { since: new Date(now.getTime() - this.deps.ttl * 1000), now };
  }

  /** Writes the values of the users that `read` finds, and deletes those that it no longer finds. */
  private async project(
    read: () => Promise<SessionOwnerRow[]>,
    ttlMs: (owner: SessionOwnerRow) => number,
  ): Promise<void> {
    let written = new Map<string, SessionOwnerRow>();
    for (;;) {
      const found = new Map((await read()).map((owner) => [owner.user_id, owner]));
      const changed = [...found.values()].filter((owner) => !isSame(owner, written.get(owner.user_id)));
      const gone = [...written.keys()].filter((userId) => !found.has(userId));
      if (changed.length + gone.length === 0) return;
      for (const owner of changed) await this.set(owner, ttlMs(owner));
      for (const userId of gone) await this.delete(userId);
      written = found;
    }
  }

  /** Deletes the value when no session of the user is left. */
  async removeUnlessLive(userId: string): Promise<void> {
    const live = await findLiveSession.row(this.deps.em, { userId, now: this.deps.clock.now() });
    if (live) return;
    await this.delete(userId);
    await this.renew(userId); // where a login has written the value meanwhile
  }

  private async delete(userId: string): Promise<void> {
    await ignoreUnavailable(this.deps.store.delete(key(userId)));
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
      const owners = await findRecentSessionOwners.rows(this.deps.em, { since, now });
      await this.update(owners.map(({ user_id }) => user_id));
      // also of sessions that ended while these were written, and of accounts that are gone
      for (const { user_id } of await findFormerSessionOwners.rows(this.deps.em, { since }))
        await this.removeUnlessLive(user_id);
    } catch (error) {
      this.deps.logger.warn({ err: error }, 'session values could not be written again');
    }
  }
}

const key = (userId: string): string => `session:${userId}`;

const isSame = (one: SessionAccount, other: SessionAccount | undefined): boolean =>
  one.email === other?.email && one.role === other.role && one.is_verified === other.is_verified;

async function ignoreUnavailable(done: Promise<unknown>): Promise<void> {
  await done.catch((error: unknown) => {
    if (!(error instanceof StoreUnavailableError)) throw error;
  });
}
