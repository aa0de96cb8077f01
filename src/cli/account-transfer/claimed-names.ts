import { randomUUID } from 'node:crypto';
import type { Client } from 'pg';
import { caseFold } from '../../database/case-fold';
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

const CREATE = `create temp table claimed (line bigint not null, id uuid unique, username_key text not null unique, email_key text unique)`;

const GIVEN = `json_to_recordset($1) as r(line bigint, id uuid, username text, email text)`;

const CLAIM = `insert into claimed (line, id, username_key, email_key)
  select r.line, r.id, ${caseFold('r.username')}, ${caseFold('r.email')} from ${GIVEN} order by r.line
  on conflict do nothing returning line::int, username_key as "usernameKey", email_key as "emailKey"`;

const CLAIMED_BY = `select r.line::int,
    (select min(c.line) from claimed c where c.username_key = ${caseFold('r.username')})::int as username,
    (select min(c.line) from claimed c where c.email_key = ${caseFold('r.email')})::int as email,
    (select min(c.line) from claimed c where c.id = r.id)::int as id
  from ${GIVEN} order by r.line`;

/**
 * Who has what in the file: a user name, an e-mail address and an id belong to the first line that
 * has them. Kept in a temporary table, which compares as `users` does and holds a file of any size
 * outside of this process's memory.
 */
export class ClaimedNames {
  constructor(private readonly client: Client) {}

  async open(): Promise<void> {
    await this.client.query(CREATE);
  }

  /**
   * @returns the rows that nobody above them contradicts, in order, and the others with the line
   *   that does
   */
  async claim(rows: readonly Claimant[]): Promise<{ rows: ImportRow[]; refused: Refusal[] }> {
    const asked = JSON.stringify(
      rows.map(({ line, given }) => ({ line, id: given.id, username: given.username, email: given.email })),
    );
    const { rows: claimed } = await this.client.query<Pick<ImportRow, 'line' | 'usernameKey' | 'emailKey'>>(CLAIM, [
      asked,
    ]);
    const keys = new Map(claimed.map((row) => [row.line, row]));
    const granted: ImportRow[] = [];
    const late: Claimant[] = [];
    for (const row of rows) {
      const of = keys.get(row.line);
      if (of) granted.push({ ...row, ...of, id: row.given.id ?? randomUUID() });
      else late.push(row);
    }
    return { rows: granted, refused: late.length > 0 ? await this.refuse(late) : [] };
  }

  private async refuse(late: readonly Claimant[]): Promise<Refusal[]> {
    const asked = JSON.stringify(
      late.map(({ line, given }) => ({ line, id: given.id, username: given.username, email: given.email })),
    );
    const { rows } = await this.client.query<{
      line: number;
      username: number | null;
      email: number | null;
      id: number | null;
    }>(CLAIMED_BY, [asked]);
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
