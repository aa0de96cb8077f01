import { createHmac, randomBytes, randomInt, randomUUID, timingSafeEqual } from 'node:crypto';
import type { SqlEntityManager } from '@mikro-orm/postgresql';
import type { Clock } from '../../config/clock';
import { lockAccount } from '../../queries/account-state';
import { consumeCode, findCodeByLink, insertCode, tryCodes } from '../../queries/one-time-codes';
import { tokenHash } from '../../security/tokens/access-tokens';

export type CodePurpose = 'reset-password' | 'verify-email';

export interface IssuedCode {
  /** Six digits. */
  code: string;
  /** For a link. */
  linkToken: string;
}

/** A live code that was given or linked to, and whose it is. */
export interface MatchedCode {
  id: string;
  userId: string;
  /** The address that it was sent to, and so proves. */
  email: string;
}

export interface CodeAttempt {
  /** The account whose live code was tried, right or wrong; null where none was live. */
  userId: string | null;
  /** The code that matched. */
  match: MatchedCode | null;
}

const CODE_LIFE_MS = 5 * 60_000;
const MAX_TRIES = 50;
const MAX_TRIES_BY_CLIENT = 5;
/** Those by clients that the account does not know leave the owner theirs. */
const MAX_TRIES_BY_STRANGERS = MAX_TRIES - MAX_TRIES_BY_CLIENT;

/**
 * Codes sent by e-mail: six digits or a link, single use, five minutes, five tries for each client
 * and fifty in all, of which strangers leave five (OWASP ASVS 6.5). Several may live at once.
 */
export class OneTimeCodes {
  constructor(
    private readonly em: SqlEntityManager,
    /** The first for new codes, each for those that were sent. */
    private readonly keys: readonly [Uint8Array, ...Uint8Array[]],
    private readonly clock: Clock,
  ) {}

  /** Adds a code for an active account; null when the account or the address is gone. */
  async issue(purpose: CodePurpose, { userId, email }: { userId: string; email: string }): Promise<IssuedCode | null> {
    const now = this.clock.now();
    const id = randomUUID();
    const code = randomInt(1_000_000).toString().padStart(6, '0');
    const linkToken = randomBytes(32).toString('base64url');
    const added = await insertCode.row(this.em, {
      id,
      userId,
      email,
      purpose,
      codeHash: digest(this.keys[0], id, code),
      linkHash: tokenHash(linkToken),
      now,
      expiresAt: new Date(now.getTime() + CODE_LIFE_MS),
    });
    return added ? { code, linkToken } : null;
  }

  /**
   * Uses one of the client's tries.
   * @param given.client digest of the client's network; `isKnown` when the account was used there
   */
  async try(
    purpose: CodePurpose,
    given: { email: string; code: string; client: string; isKnown: boolean },
  ): Promise<CodeAttempt> {
    const rows = await tryCodes.rows(this.em, {
      email: given.email,
      client: given.client,
      purpose,
      now: this.clock.now(),
      maxTries: given.isKnown ? MAX_TRIES : MAX_TRIES_BY_STRANGERS,
      maxTriesByClient: MAX_TRIES_BY_CLIENT,
    });
    const row = rows.find(({ id, code_hash }) =>
      this.keys.some((key) => isEqual(code_hash, digest(key, id, given.code))),
    );
    return {
      userId: rows[0]?.user_id ?? null,
      match: row ? { id: row.id, userId: row.user_id, email: row.email } : null,
    };
  }

  /** The live code behind a link; no try is used. */
  async findByLink(purpose: CodePurpose, linkToken: string): Promise<MatchedCode | null> {
    const row = await findCodeByLink.row(this.em, {
      linkHash: tokenHash(linkToken),
      purpose,
      now: this.clock.now(),
    });
    return row ? { id: row.id, userId: row.user_id, email: row.email } : null;
  }

  /** In the transaction of what the code allows: true for exactly one of simultaneous callers. */
  async consume(em: SqlEntityManager, { id, userId }: MatchedCode): Promise<boolean> {
    await lockAccount.row(em, { userId }); // the account before its code, as every transaction locks them
    return (await consumeCode.row(em, { id, now: this.clock.now() })) !== undefined;
  }
}

const digest = (key: Uint8Array, id: string, code: string): string =>
  createHmac('sha256', key).update(`${id}:${code}`).digest('hex');

function isEqual(a: string, b: string): boolean {
  return a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b));
}
