import type { SqlEntityManager } from '@mikro-orm/postgresql';
import type { Clock } from '../../config/clock';
import { sqlRow, sqlRows } from '../../database/positional-sql';
import { AppError } from '../../errors/app-error';
import type { AuditLog } from '../audit/audit-log';
import type { Caller } from '../caller';

export interface CredentialLimits {
  /** Seconds that a credential is honoured. */
  credentialTtl: number;
  /** Credentials of one user at a time; older ones are deleted. */
  maxCredentials: number;
}

/** An account as its password was checked. */
interface VerifiedAccount {
  id: string;
  username: string;
  token_version: number;
}

interface HonouredKey {
  user_id: string;
  consumer: string;
  expires_at: Date | string;
}

/**
 * How long a credential may be in the making; longer than Kong takes, and short for what a process
 * that dies leaves behind.
 */
const RESERVATION_MS = 120_000;

// One statement decides: the account is locked and looked at again, so that a password changed, or
// an account disabled, since the password was checked lets nobody in; and a logout has either been
// seen here or finds the credential.
const CONFIRM = `with entered as (
    update users set last_login_at = ? where id = ? and is_active and token_version = ? returning id
  ), attempt as (
    insert into login_attempts (at, identifier, user_id, channel, address, user_agent, outcome) select ?, ?, id, ?, ?, ?, 'ok' from entered
  ), confirmed as (
    update kong_credentials c set kong_id = ?, expires_at = ?, next_try_at = null from entered where c.key = ? returning c.revoked_at
  ) select (select true from entered) as entered, (select true from confirmed where revoked_at is null) as live`;

// After the confirmation, as a statement of its own: the last of simultaneous sign-ins sees all
// that were confirmed. What is still in the making does not count.
const EVICT = `update kong_credentials set revoked_at = ? where user_id = ? and revoked_at is null and kong_id is not null and key not in (
    select key from kong_credentials where user_id = ? and revoked_at is null and kong_id is not null order by created_at desc, key limit ?
  ) returning key`;

/**
 * What is known here of the credentials in Kong: keys, owners and ends, never a secret. The outbox
 * deletes what has ended.
 */
export class KongCredentials {
  constructor(
    private readonly em: SqlEntityManager,
    private readonly audit: AuditLog,
    private readonly limits: CredentialLimits,
    private readonly clock: Clock,
  ) {}

  /**
   * Before Kong is asked to make the credential: whatever happens then, what Kong may hold is known
   * here. The row has a short life until Kong has confirmed the credential; should this process
   * die, it is deleted then.
   */
  async reserve(key: string, user: VerifiedAccount): Promise<void> {
    const now = this.clock.now();
    await sqlRows(
      this.em,
      'insert into kong_credentials (key, user_id, consumer, created_at, expires_at) values (?, ?, ?, ?, ?)',
      [key, user.id, user.username, now, new Date(now.getTime() + RESERVATION_MS)],
    );
  }

  /**
   * From here on the key is honoured, unless it has ended meanwhile by a logout. Beyond the cap the
   * oldest end.
   * @param identifier what was typed as the user name
   * @returns `last` when older ones have ended for it, `ended` when it has ended itself, maybe is
   *   forgotten already
   * @throws AppError INVALID_CREDENTIALS when the password that was checked does not let in any
   *   more
   */
  async confirm(
    key: string,
    kongId: string,
    user: VerifiedAccount,
    identifier: string,
    caller: Caller,
  ): Promise<'one' | 'last' | 'ended'> {
    const { channel, address, userAgent } = caller;
    const now = this.clock.now();
    const expiresAt = new Date(now.getTime() + this.limits.credentialTtl * 1000);
    const attempt = [now, identifier.slice(0, 254), channel.name, address, userAgent];
    const values = [now, user.id, user.token_version, ...attempt, kongId, expiresAt, key];
    const result = await sqlRow<{ entered: true | null; live: true | null }>(this.em, CONFIRM, values);
    if (!result?.entered) throw new AppError('INVALID_CREDENTIALS');
    const evicted = await sqlRows(this.em, EVICT, [now, user.id, user.id, this.limits.maxCredentials]);
    const actor = { id: user.id, name: user.username };
    await this.audit.record(this.em, caller, {
      action: 'kong.signed-in',
      targetType: 'user',
      targetId: user.id,
      actor,
    });
    if (!result.live) return 'ended';
    return evicted.length > 0 ? 'last' : 'one';
  }

  /** Whose key this is, while it is honoured. */
  honoured(key: string): Promise<HonouredKey | undefined> {
    return sqlRow<HonouredKey>(
      this.em,
      `select c.user_id, c.consumer, c.expires_at from kong_credentials c join users u on u.id = c.user_id
       where c.key = ? and c.kong_id is not null and c.revoked_at is null and c.expires_at > ? and u.is_active`,
      [key, this.clock.now()],
    );
  }
}
