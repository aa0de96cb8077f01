import { randomUUID } from 'node:crypto';
import type { Client } from 'pg';
import { claimNames, createClaimedNames, findEarlierClaims } from '../../queries/account-transfer';
import type { GivenAccount } from './account';

/** An account of the file with its place, its id and the keys that the database compares by. */
export interface ImportRow {
  line: number;
  given: GivenAccount;
  /** The file's id, or a new one. */
  id: string;
  usernameKey: string;
  emailKey: string | null;
}

export interface Claimant {
  line: number;
  given: GivenAccount;
}

export interface Refusal {
  line: number;
  reason: string;
}

/**
 * A user name, an e-mail address and an id of the file belong to the first line that has them. Kept
 * in a temporary table, which compares as `users` does and holds a file of any size outside of this
 * process's memory.
 */
export class ClaimedNames {
  constructor(private readonly client: Client) {}

  async open(): Promise<void> {
    await this.client.query(createClaimedNames.query());
  }

  /** @returns in order the rows that no earlier line contradicts, and the refused ones with that line */
  async claim(rows: readonly Claimant[]): Promise<{ rows: ImportRow[]; refused: Refusal[] }> {
    const { rows: claimed } = await this.client.query<Pick<ImportRow, 'line' | 'usernameKey' | 'emailKey'>>(
      claimNames.query({ rows: claimsJson(rows) }),
    );
    const claims = new Map(claimed.map((claim) => [claim.line, claim]));
    const granted: ImportRow[] = [];
    const late: Claimant[] = [];
    for (const row of rows) {
      const claim = claims.get(row.line);
      if (claim) granted.push({ ...row, ...claim, id: row.given.id ?? randomUUID() });
      else late.push(row);
    }
    return { rows: granted, refused: late.length > 0 ? await this.refuse(late) : [] };
  }

  private async refuse(late: readonly Claimant[]): Promise<Refusal[]> {
    const { rows } = await this.client.query<EarlierClaims>(findEarlierClaims.query({ rows: claimsJson(late) }));
    return rows.map(({ line, username, email, id }) => {
      const reasons = [
        username && `username: line ${username} has the same user name (upper and lower case are not told apart)`,
        email && `email: line ${email} has the same e-mail address`,
        id && `id: line ${id} has the same id`,
      ];
      return { line, reason: reasons.filter(Boolean).join('; ') };
    });
  }
}

/** The lines that have each of a row's names. */
interface EarlierClaims {
  line: number;
  username: number | null;
  email: number | null;
  id: number | null;
}

const claimsJson = (rows: readonly Claimant[]): string =>
  JSON.stringify(rows.map(({ line, given }) => ({ line, id: given.id, username: given.username, email: given.email })));
