import type { SqlEntityManager } from '@mikro-orm/postgresql';
import type { Clock } from '../../config/clock';
import { inTransaction } from '../../database/transaction';
import { AppError } from '../../errors/app-error';
import {
  confirmKongCredential,
  evictKongCredentials,
  findValidKongCredential,
  reserveKongCredential,
  revokeKongCredential,
} from '../../queries/kong-credentials';
import { network } from '../../security/rate-limits/rate-limit';
import type { AuditLog } from '../audit/audit-log';
import type { Caller } from '../caller';

export interface CredentialLimits {
  /** Seconds that a credential is valid. */
  credentialTtl: number;
  /** Credentials of one user at a time; older ones are deleted. */
  maxCredentials: number;
}

/** An account whose password was verified. */
interface VerifiedAccount {
  id: string;
  username: string;
  token_version: number;
}

interface Confirmation {
  key: string;
  /** Kong's id of the credential. */
  kongId: string;
  user: VerifiedAccount;
  /** The user name as the client sent it. */
  identifier: string;
}

/** What the confirmation of a credential led to. */
export interface ConfirmedCredential {
  /** False when a logout has ended the credential before it was confirmed. */
  isLive: boolean;
  /** How many older credentials of the user were revoked to stay below the cap. */
  evicted: number;
}

interface ValidKey {
  userId: string;
  consumer: string;
  expiresAt: Date;
}

/**
 * How long Kong may take to confirm a credential; short, so that little is left over when a process
 * dies.
 */
const RESERVATION_MS = 120_000;

/**
 * What this server knows of the credentials in Kong: keys, owners and expiry dates, never a secret.
 * Their deletions follow as jobs.
 */
export class KongCredentials {
  constructor(
    private readonly em: SqlEntityManager,
    private readonly audit: AuditLog,
    private readonly limits: CredentialLimits,
    private readonly clock: Clock,
  ) {}

  /**
   * Records the key before Kong makes the credential, so that no credential in Kong is ever unknown
   * here. The row expires soon unless Kong confirms it.
   */
  async reserve(key: string, user: VerifiedAccount): Promise<void> {
    const now = this.clock.now();
    const expiresAt = new Date(now.getTime() + RESERVATION_MS);
    await reserveKongCredential.rows(this.em, { key, userId: user.id, consumer: user.username, now, expiresAt });
  }

  /**
   * Makes the key valid, unless a logout has ended it meanwhile. Revokes the oldest keys beyond the
   * cap.
   * @throws AppError INVALID_CREDENTIALS when the account has changed since its password was
   *   verified
   */
  async confirm({ key, kongId, user, identifier }: Confirmation, caller: Caller): Promise<ConfirmedCredential> {
    const now = this.clock.now();
    const result = await confirmKongCredential.row(this.em, {
      key,
      kongId,
      userId: user.id,
      tokenVersion: user.token_version,
      now,
      expiresAt: new Date(now.getTime() + this.limits.credentialTtl * 1000),
      identifier: identifier.slice(0, 254),
      channel: caller.channel.name,
      address: caller.address,
      network: network(caller.address),
      userAgent: caller.userAgent,
    });
    if (!result?.entered) throw new AppError('INVALID_CREDENTIALS');
    const evicted = await evictKongCredentials.rows(this.em, {
      userId: user.id,
      now,
      max: this.limits.maxCredentials,
    });
    await this.audit.record(this.em, caller, {
      action: 'kong.signed-in',
      targetType: 'user',
      targetId: user.id,
      actor: { id: user.id, name: user.username },
    });
    return { isLive: result.live === true, evicted: evicted.length };
  }

  /** Ends a key. @returns false when it had ended already */
  async revoke(key: string, caller: Caller): Promise<boolean> {
    return inTransaction(this.em, async (em) => {
      const revoked = await revokeKongCredential.row(em, { key, now: this.clock.now() });
      if (!revoked) return false;
      await this.audit.record(em, caller, {
        action: 'kong.signed-out',
        targetType: 'user',
        targetId: revoked.user_id,
      });
      return true;
    });
  }

  /** The owner of a key, while the key is valid. */
  async findValid(key: string): Promise<ValidKey | undefined> {
    const found = await findValidKongCredential.row(this.em, { key, now: this.clock.now() });
    return found && { userId: found.user_id, consumer: found.consumer, expiresAt: new Date(found.expires_at) };
  }
}
