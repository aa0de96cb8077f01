import type { SqlEntityManager } from '@mikro-orm/postgresql';
import type { Logger } from 'pino';
import type { Clock } from '../../config/clock';
import { sqlRow, sqlRows } from '../../database/positional-sql';
import { prepare } from '../../database/prepared';
import type { AccountState } from '../../security/tokens/account-state';
import { type KeyValueStore, StoreUnavailableError } from '../../stores/key-value-store';

interface SessionOwner {
  user_id: string;
  email: string | null;
  role: string | null;
  is_verified: boolean;
  last_activity: Date | string;
}

const OWNER = `select u.id as user_id, u.email, u.is_verified, max(s.last_seen_at) as last_activity,
    (select r.name from user_roles ur join roles r on r.id = ur.role_id where ur.user_id = u.id order by r.precedence, r.name limit 1) as role
  from sessions s join users u on u.id = s.user_id
  where s.revoked_at is null and s.idle_until > ? and s.expires_at > ?`;
const OWNER_BY_ID = prepare('session-value', `${OWNER} and u.id = ? group by u.id`);

/**
 * The value `session:{user_id}` that other services of the session contract read: present while a
 * session of the user was used in the last `ttl` seconds. It is a copy; sessions live in the
 * database. What could not be written while the store was away is written when it is back.
 */
export class SessionProjection {
  constructor(
    private readonly em: SqlEntityManager,
    private readonly store: KeyValueStore,
    private readonly ttl: number,
    private readonly clock: Clock,
    private readonly logger: Logger,
  ) {
    store.onReconnect(() => void this.restore());
  }

  async renew(userId: string): Promise<void> {
    const now = this.clock.now();
    const owner = await sqlRow<SessionOwner>(this.em, OWNER_BY_ID, [now, now, userId]);
    if (owner) await this.set(owner, this.ttl * 1000);
  }

  /** As `renew`, for a session that was used at that time, with what is known of its account. */
  async write(account: AccountState, at: Date): Promise<void> {
    const { userId, email, roles, isVerified } = account;
    await this.set(
      { user_id: userId, email, role: roles[0] ?? null, is_verified: isVerified, last_activity: at },
      this.ttl * 1000,
    );
  }

  /** Takes the value away when no session of the user is left. */
  async forgetUnlessLive(userId: string): Promise<void> {
    const now = this.clock.now();
    const live = await sqlRow(
      this.em,
      'select 1 from sessions where user_id = ? and revoked_at is null and idle_until > ? and expires_at > ? limit 1',
      [userId, now, now],
    );
    if (!live) await this.quietly(this.store.delete(key(userId)));
  }

  private async set(owner: SessionOwner, ttlMs: number): Promise<void> {
    const value = {
      user_id: owner.user_id,
      email: owner.email,
      role: owner.role ?? 'user',
      is_verified: owner.is_verified,
      last_activity: new Date(owner.last_activity).toISOString().replace(/\.\d{3}Z$/, 'Z'),
    };
    await this.quietly(this.store.set(key(owner.user_id), JSON.stringify(value), ttlMs));
  }

  /**
   * After the store was away or emptied: what should be there is written, what should not is
   * deleted.
   */
  private async restore(): Promise<void> {
    try {
      const now = this.clock.now();
      const since = new Date(now.getTime() - this.ttl * 1000);
      const owners = await sqlRows<SessionOwner>(this.em, `${OWNER} and s.last_seen_at > ? group by u.id`, [
        now,
        now,
        since,
      ]);
      for (const owner of owners)
        await this.set(owner, Math.max(1, new Date(owner.last_activity).getTime() - since.getTime()));
      // also those that ended while this was written, and of accounts that are gone
      const gone = await sqlRows<{ user_id: string }>(
        this.em,
        `select distinct user_id::text from sessions where revoked_at > ?
         union select target_id from audit_events where action = 'user.deleted' and at > ?`,
        [since, since],
      );
      for (const { user_id } of gone) await this.forgetUnlessLive(user_id);
    } catch (error) {
      this.logger.warn({ err: error }, 'session values could not be written again');
    }
  }

  private async quietly(done: Promise<unknown>): Promise<void> {
    await done.catch((error: unknown) => {
      if (!(error instanceof StoreUnavailableError)) throw error;
    });
  }
}

const key = (userId: string): string => `session:${userId}`;
