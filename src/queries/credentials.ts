import { caseFolded } from '../database/case-fold';
import { type Parameter, type Sql, sql, statement } from '../database/sql';
import { isKnownClient } from './known-clients';
import type { StoredPasswordRow } from './users';

/** What a login compares a password with. */
export interface CredentialsRow {
  id: string;
  username: string;
  password_hash: string;
  password_scheme: StoredPasswordRow['password_scheme'];
  is_active: boolean;
  token_version: number;
  /** Whether the account has logged in from the client's network before. */
  is_known_client: boolean;
}

const credentialsColumns = (network: Parameter): Sql => sql`
  id, username, password_hash, password_scheme, is_active, token_version,
    ${isKnownClient(network, sql`users.id`)} as is_known_client`;

export const findCredentialsByEmail = statement<{ email: string; network: string }, CredentialsRow>(
  'find-credentials-by-email',
  ({ email, network }) => sql`select ${credentialsColumns(network)} from users where email_key = ${caseFolded(email)}`,
);

/** By user name or e-mail address; the account whose user name it is comes before the one whose address it is. */
export const findCredentialsByName = statement<{ name: string; network: string }, CredentialsRow>(
  'find-credentials-by-name',
  ({ name, network }) => sql`
    select ${credentialsColumns(network)} from users
      where username_key = ${caseFolded(name)} or email_key = ${caseFolded(name)}
    order by (username_key = ${caseFolded(name)}) desc limit 1`,
);
