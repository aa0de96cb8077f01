import { caseFolded } from '../database/case-fold';
import { sql, statement } from '../database/sql';
import type { StoredPasswordRow } from './users';

/** What a login compares a password with. */
export interface CredentialsRow {
  id: string;
  username: string;
  password_hash: string;
  password_scheme: StoredPasswordRow['password_scheme'];
  is_active: boolean;
  token_version: number;
}

const credentialsColumns = sql`id, username, password_hash, password_scheme, is_active, token_version`;

export const findCredentialsByEmail = statement<{ email: string }, CredentialsRow>(
  'find-credentials-by-email',
  ({ email }) => sql`select ${credentialsColumns} from users where email_key = ${caseFolded(email)}`,
);

/** By user name or e-mail address; the account whose user name it is comes before the one whose address it is. */
export const findCredentialsByName = statement<{ name: string }, CredentialsRow>(
  'find-credentials-by-name',
  ({ name }) => sql`
    select ${credentialsColumns} from users where username_key = ${caseFolded(name)} or email_key = ${caseFolded(name)}
    order by (username_key = ${caseFolded(name)}) desc limit 1`,
);
