import { randomBytes } from 'node:crypto';
import type { SqlEntityManager } from '@mikro-orm/postgresql';
import { type Config, StartupError } from '../config/config';
import { Permission, Role, SeedMark, User } from '../entities';
import { AppError } from '../errors/app-error';
import type { PasswordHasher } from '../security/passwords/password-hasher';
import { PasswordPolicy } from '../security/passwords/password-policy';
import { ADMIN_ROLE, builtInPermissions } from '../security/scopes';
import { normalizeText } from '../security/text-limits';
import { DEVELOPMENT_PASSWORD } from '../services/users/administrator-check';
import { Validation } from '../services/validation';

const DEFAULT_USERNAME = 'admin';

export interface FirstAdministrator {
  username: string;
  /** Set when it was generated or is the well-known one, for the start banner; null when it was configured. */
  password: string | null;
}

/** What a start of the server seeds with. */
export interface Start {
  config: Config;
  /** Whether the database is the embedded one. */
  embedded: boolean;
  hasher: PasswordHasher;
}

/**
 * Seeds a new database, once: what an administrator deletes later stays deleted. Permissions of a
 * newer version are added at its first start.
 * @returns the administrator that was created, or null
 * @throws StartupError when the configured administrator or roles are not acceptable
 */
export async function seed(em: SqlEntityManager, start: Start): Promise<FirstAdministrator | null> {
  const { roles, defaultRoles } = start.config.seed;
  return em.transactional(async (tx) => {
    const admin = await seedPermissions(tx);
    await seedRoles(tx, [...roles, ...defaultRoles]);
    return (await begin(tx, 'administrator')) ? createAdministrator(tx, start, admin) : null;
  });
}

/** Marks a seed as done. @returns whether it still had to be done */
async function begin(em: SqlEntityManager, name: string): Promise<boolean> {
  if (await em.findOne(SeedMark, { name })) return false;
  em.create(SeedMark, { name });
  return true;
}

async function seedPermissions(em: SqlEntityManager): Promise<Role | null> {
  let role: Role | null = await em.findOne(Role, { name: ADMIN_ROLE }, { populate: ['permissions'] });
  if (await begin(em, 'role:ADMIN'))
    role ??= em.create(Role, { name: ADMIN_ROLE, description: 'Administrator: everything', precedence: 0 });
  for (const [name, description] of Object.entries(builtInPermissions)) {
    if (!(await begin(em, `permission:${name}`))) continue;
    const permission = (await em.findOne(Permission, { name })) ?? em.create(Permission, { name, description });
    role?.permissions.add(permission);
  }
  await em.flush();
  return role;
}

async function seedRoles(em: SqlEntityManager, names: readonly string[]): Promise<void> {
  for (const name of new Set(names)) {
    if (!(await begin(em, `role:${name}`))) continue;
    if (!(await em.findOne(Role, { name }))) em.create(Role, { name });
  }
  await em.flush();
}

async function createAdministrator(
  em: SqlEntityManager,
  { config, embedded, hasher }: Start,
  role: Role | null,
): Promise<FirstAdministrator> {
  const wellKnown = embedded && !config.strict ? DEVELOPMENT_PASSWORD : null;
  const username = normalizeName(config.seed.username ?? DEFAULT_USERNAME);
  const password = config.seed.password ?? wellKnown ?? randomBytes(15).toString('base64url');
  await requireAcceptable({ username, password }, administratorPolicy(config, hasher));
  const taken = await em.findOne(User, { usernameKey: username.toLowerCase() });
  if (taken)
    throw new StartupError(
      `There is a user named ${taken.username} who is no administrator, so the first administrator cannot have ` +
        'that name: set ADMIN_USERNAME and ADMIN_PASSWORD',
    );
  const { hash, scheme } = await hasher.hash(password);
  const user = em.create(User, { username, passwordHash: hash, passwordScheme: scheme });
  if (role) user.roles.add(role);
  await em.flush();
  return { username, password: config.seed.password === undefined ? password : null };
}

const normalizeName = (name: string): string => normalizeText(name, 'username') ?? name;

/** In production the password that creates the administrator is held to the strict rules. */
function administratorPolicy({ passwords, production, tokens }: Config, hasher: PasswordHasher): PasswordPolicy {
  return new PasswordPolicy(hasher, {
    minLength: passwords.administratorMinLength ?? passwords.minLength,
    refusesGuessable: production || passwords.refusesGuessable,
    serviceWords: [tokens.issuer],
  });
}

async function requireAcceptable(
  { username, password }: { username: string; password: string },
  policy: PasswordPolicy,
): Promise<void> {
  const check = new Validation();
  check.username(username);
  await check.password({ field: 'password', value: password }, policy, [username]);
  try {
    check.check();
  } catch (cause) {
    if (!(cause instanceof AppError)) throw cause;
    throw new StartupError(`ADMIN_USERNAME or ADMIN_PASSWORD cannot be used: ${cause.problems[0]?.message}`, { cause });
  }
}
