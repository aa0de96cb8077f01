import { createHmac, randomBytes, randomInt, randomUUID, timingSafeEqual } from 'node:crypto';
import type { SqlEntityManager } from '@mikro-orm/postgresql';
import type { Clock } from '../../config/clock';
import { caseFold } from '../../database/case-fold';
import { sqlRow, sqlRows } from '../../database/positional-sql';
import { inTransaction } from '../../database/transaction';
import { tokenHash } from '../../security/tokens/access-tokens';

export type CodePurpose = 'reset-password' | 'verify-email';

export interface IssuedCode {
  userId: string;
  email: string;
  firstName: string | null;
  /** Six digits. */
  code: string;
  /** For a link. */
  linkToken: string;
}

/** A code of which one try was used up. */
export interface TriedCode {
  id: string;
  userId: string;
  email: string;
  right: boolean;
}

const CODE_LIFE_MS = 5 * 60_000;
const TRIES = 5;
const FOLDED_PARAMETER = caseFold('?::text');

/**
 * Codes sent by e-mail: six digits or a link, single use, five minutes, five tries, the newest
 * alone (OWASP ASVS 6.5).
 */
export class OneTimeCodes {
  constructor(
    private readonly em: SqlEntityManager,
    private readonly key: Uint8Array,
    private readonly clock: Clock,
  ) {}

  /**
   * Makes a code for the active account of an address. The same statements whether there is such an
   * account or not, so that the time does not tell.
   */
  async issue(purpose: CodePurpose, email: string): Promise<IssuedCode | null> {
    const now = this.clock.now();
    const code = randomInt(1_000_000).toString().padStart(6, '0');
    const linkToken = randomBytes(32).toString('base64url');
    const id = randomUUID();
    const row = await inTransaction(this.em, async (em) => {
      // simultaneous requests of one account take turns, or each would leave a newest code
      await sqlRow(em, `select id from users where email_key = ${FOLDED_PARAMETER} for no key update`, [email]);
      return sqlRow<{ id: string; email: string; first_name: string | null }>(
        em,
        `with owner as (
           select id, email, first_name from users where email_key = ${FOLDED_PARAMETER} and is_active
         ), older as (
           delete from one_time_codes c using owner where c.user_id = owner.id and c.purpose = ?
         ), made as (
           insert into one_time_codes (id, user_id, purpose, code_hash, link_hash, email, created_at, expires_at)
           select ?, owner.id, ?, ?, ?, owner.email, ?, ? from owner
         ) select id, email, first_name from owner`,
        [
          email,
          purpose,
          id,
          purpose,
          this.digest(id, code),
          tokenHash(linkToken),
          now,
          new Date(now.getTime() + CODE_LIFE_MS),
        ],
      );
    });
    return row ? { userId: row.id, email: row.email, firstName: row.first_name, code, linkToken } : null;
  }

  /** Uses up one try of the live code of an address; null when there is none, or no try is left. */
  async try(purpose: CodePurpose, email: string, code: string): Promise<TriedCode | null> {
    const row = await sqlRow<{ id: string; user_id: string; email: string; code_hash: string }>(
      this.em,
      `update one_time_codes c set tries = c.tries + 1 from users u
       where u.id = c.user_id and u.is_active and u.email_key = ${FOLDED_PARAMETER} and u.email = c.email
         and c.purpose = ? and c.consumed_at is null and c.expires_at > ? and c.tries < ?
       returning c.id, c.user_id, c.email, c.code_hash`,
      [email, purpose, this.clock.now(), TRIES],
    );
    if (!row) return null;
    return {
      id: row.id,
      userId: row.user_id,
      email: row.email,
      right: equal(row.code_hash, this.digest(row.id, code)),
    };
  }

  /** The live code behind a link; nothing is used up. */
  async findByLink(purpose: CodePurpose, linkToken: string): Promise<TriedCode | null> {
    const row = await sqlRow<{ id: string; user_id: string; email: string }>(
      this.em,
      `select c.id, c.user_id, c.email from one_time_codes c join users u on u.id = c.user_id
       where c.link_hash = ? and c.purpose = ? and c.consumed_at is null and c.expires_at > ? and u.is_active and u.email = c.email`,
      [tokenHash(linkToken), purpose, this.clock.now()],
    );
    return row ? { id: row.id, userId: row.user_id, email: row.email, right: true } : null;
  }

  /**
   * In the transaction of what the code allows: true for exactly one of any number of simultaneous
   * users.
   */
  async consume(em: SqlEntityManager, code: TriedCode): Promise<boolean> {
    const now = this.clock.now();
    // the account before its code, as in every other transaction: one that takes both the other way
    // round would be a deadlock
    await sqlRow(em, 'select id from users where id = ? for no key update', [code.userId]);
    const rows = await sqlRows(
      em,
      'update one_time_codes set consumed_at = ? where id = ? and consumed_at is null and expires_at > ? returning id',
      [now, code.id, now],
    );
    return rows.length === 1;
  }

  private digest(id: string, code: string): string {
    return createHmac('sha256', this.key).update(`${id}:${code}`).digest('hex');
  }
}

function equal(a: string, b: string): boolean {
  return a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b));
}
