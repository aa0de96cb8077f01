import type { SqlEntityManager } from '@mikro-orm/postgresql';
import { findOldestAdministrators } from '../../queries/administrators';
import type { PasswordHasher } from '../../security/passwords/password-hasher';
import { ADMIN_ROLE } from '../../security/scopes';
import { normalizeText } from '../../security/text-limits';

/** The password of the embedded development start, as the examples of the identity contract have it. */
export const DEVELOPMENT_PASSWORD = 'password123';

export interface AdministratorReport {
  /** Name of the oldest account with the role ADMIN, or null when no account has it. */
  name: string | null;
  /** Name of an administrator whose password is the well-known one, or null. */
  withDevelopmentPassword: string | null;
  /** Whether ADMIN_USERNAME and ADMIN_PASSWORD, as far as they are set, log an administrator in. */
  matchesConfiguration: boolean;
}

/** What an operator should know about the administrators of a database, at each start. */
export async function reportAdministrators(
  em: SqlEntityManager,
  hasher: PasswordHasher,
  configured: { username: string | undefined; password: string | undefined },
): Promise<AdministratorReport> {
  const administrators = await findOldestAdministrators.rows(em, { role: ADMIN_ROLE });
  const hasPassword = (password: string, { password_hash, password_scheme }: (typeof administrators)[number]) =>
    hasher.verify(password, { hash: password_hash, scheme: password_scheme });
  const { username, password } = configured;
  const wanted = username && (normalizeText(username, 'username') ?? username).toLowerCase();
  const named = administrators.find((each) => each.username.toLowerCase() === wanted);
  const candidate = username === undefined ? administrators[0] : named;
  const known = await Promise.all(administrators.map((each) => hasPassword(DEVELOPMENT_PASSWORD, each)));
  return {
    name: administrators[0]?.username ?? null,
    withDevelopmentPassword: administrators[known.indexOf(true)]?.username ?? null,
    matchesConfiguration:
      candidate !== undefined && (password === undefined || (await hasPassword(password, candidate))),
  };
}
