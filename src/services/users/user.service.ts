import type { SqlEntityManager } from '@mikro-orm/postgresql';
import type { Clock } from '../../config/clock';
import { sqlRow, sqlRows } from '../../database/positional-sql';
import { inTransaction } from '../../database/transaction';
import { isUuid } from '../../database/uuid';
import { Role, User } from '../../entities';
import { AppError } from '../../errors/app-error';
import type { PasswordHasher } from '../../security/passwords/password-hasher';
import type { Principal } from '../../security/principal';
import { ADMIN_ROLE, ADMIN_SCOPE, roleScope } from '../../security/scopes';
import type { TokenAuthenticator, TokenState } from '../../security/tokens/token-authenticator';
import type { AuditLog } from '../audit/audit-log';
import { type AccountRevocation, endKongCredentials } from '../auth/account-revocation';
import { type Caller, requireScope, requireScopesOf, signedIn } from '../caller';
import { type RoleCache, type RoleView, scopesOf } from '../roles/role-cache';
import type { SessionProjection } from '../sessions/session-projection';
import { mapUniqueViolation } from '../unique-violation';
import { limits, Validation } from '../validation';
import { assertIdentifiersAvailable } from './identifiers';
import { requireAnotherAdministrator } from './last-administrator';
import type { PasswordService } from './password.service';
import type { PasswordRules } from './password-rules';
import type { UserQueries } from './user-queries';
import type { UserView } from './user-view';

export interface CreateUserInput {
  username: string;
  password: string;
  firstName?: string | null;
  lastName?: string | null;
  email?: string | null;
  phone?: string | null;
  dob?: string | null;
  roles?: readonly string[] | null;
}

/** A member that is missing stays as it is; "" or null empties a text. */
export interface UpdateUserInput {
  id: string;
  password?: string | null;
  currentPassword?: string | null;
  firstName?: string | null;
  lastName?: string | null;
  email?: string | null;
  phone?: string | null;
  dob?: string | null;
  roles?: readonly string[] | null;
}

const cleaned = (text: string | null | undefined): string | null =>
  text === null || text === undefined || text === '' ? null : text.normalize('NFC');

/** Makes, changes and removes users. */
export class UserService {
  constructor(
    private readonly em: SqlEntityManager,
    private readonly authenticator: TokenAuthenticator,
    private readonly hasher: PasswordHasher,
    private readonly roles: RoleCache,
    private readonly revocation: AccountRevocation,
    private readonly projection: SessionProjection,
    private readonly users: UserQueries,
    private readonly passwords: Pick<PasswordService, 'confirm'>,
    private readonly audit: AuditLog,
    private readonly passwordRules: PasswordRules,
    private readonly defaultRoles: readonly string[],
    private readonly clock: Clock,
  ) {}

  /**
   * Anybody may register; with `roles` it takes CREATE_USER and ASSIGN_ROLE.
   * @throws AppError USERNAME_TOO_SHORT, PASSWORD_TOO_SHORT, AGE_TOO_LOW, VALIDATION_FAILED,
   *   USERNAME_TAKEN, EMAIL_TAKEN, ROLE_NOT_FOUND
   */
  async create(input: CreateUserInput, caller: Caller): Promise<UserView> {
    const given = input.roles ?? null;
    const principal = given === null ? null : requireScope(caller, 'CREATE_USER');
    if (given !== null) requireScope(caller, 'ASSIGN_ROLE');
    const username = input.username.normalize('NFC');
    this.validateNew({ ...input, username });
    const wanted = await this.rolesNamed(given ?? this.defaultRoles);
    if (principal) requireScopesOf(principal, scopesOf(wanted));
    await assertIdentifiersAvailable(this.em, { username, email: cleaned(input.email) });
    const { hash, scheme } = await this.hasher.hash(input.password, { yielding: caller.principal === null });
    const id = await mapUniqueViolation(
      inTransaction(this.em, async (em) => {
        await assertIdentifiersAvailable(em, { username, email: cleaned(input.email) }, 'locked');
        const now = this.clock.now();
        const user = em.create(User, {
          username,
          email: cleaned(input.email),
          passwordHash: hash,
          passwordScheme: scheme,
          firstName: cleaned(input.firstName),
          lastName: cleaned(input.lastName),
          phone: cleaned(input.phone),
          dob: cleaned(input.dob),
          createdAt: now,
          updatedAt: now,
        });
        for (const role of wanted) user.roles.add(em.getReference(Role, role.id));
        await em.flush();
        const actor = caller.principal ? undefined : { id: user.id, name: username };
        await this.audit.record(em, caller, {
          action: 'user.created',
          targetType: 'user',
          targetId: user.id,
          detail: { username, roles: wanted.map((r) => r.name) },
          actor,
        });
        return user.id;
      }),
    );
    return this.users.get(id);
  }

  private validateNew(input: CreateUserInput): void {
    const check = new Validation();
    check.username(input.username);
    check.password(input.password, {
      ...this.passwordRules,
      context: [input.username, input.email, input.firstName, input.lastName],
    });
    check.text('firstName', input.firstName, limits.name.max);
    check.text('lastName', input.lastName, limits.name.max);
    check.email(input.email);
    check.phone(input.phone);
    check.birthDate(input.dob, limits.ageToRegister, this.clock.now());
    check.check();
  }

  /**
   * Users change themselves; others take UPDATE_USER, and their password, e-mail and roles need a
   * caller who holds all they hold.
   * @throws AppError FORBIDDEN, USER_NOT_FOUND, PASSWORD_TOO_SHORT, AGE_TOO_LOW, VALIDATION_FAILED,
   *   EMAIL_TAKEN, ROLE_NOT_FOUND, LAST_ADMINISTRATOR
   */
  async update(input: UpdateUserInput, caller: Caller): Promise<UserView> {
    const principal = signedIn(caller);
    const self = principal.userId === input.id;
    if (!self && !principal.has('UPDATE_USER')) throw new AppError('FORBIDDEN', { needs: 'UPDATE_USER' });
    const wantedNames = input.roles ?? undefined;
    if (wantedNames !== undefined && !principal.has('ASSIGN_ROLE'))
      throw new AppError('FORBIDDEN', { needs: 'ASSIGN_ROLE' });
    const target = await this.state(input.id);
    const password = input.password || undefined;
    // of his own account a token may hold less than the account does: a role that was added since
    const sensitive = !self && (password !== undefined || input.email !== undefined || wantedNames !== undefined);
    if (sensitive) requireScopesOf(principal, target.held);
    this.validateChange(input, target, self && !caller.channel.setsOwnPassword);
    const movesOwnEmail = self && input.email !== undefined && cleaned(input.email) !== target.email;
    if (movesOwnEmail && this.passwordRules.guardsEmail)
      await this.passwords.confirm(input.currentPassword ?? '', caller);
    const wanted = wantedNames && (await this.rolesNamed(wantedNames));
    const hashed = password === undefined ? undefined : await this.hasher.hash(password);
    await mapUniqueViolation(
      inTransaction(this.em, async (em) => {
        const locked = await this.lock(em, input.id);
        if (sensitive) requireScopesOf(principal, locked.held);
        if (input.email)
          await assertIdentifiersAvailable(
            em,
            { username: null, email: cleaned(input.email), except: input.id },
            'locked',
          );
        const changed = await this.writeFields(em, input, locked);
        if (hashed) {
          changed.push('password');
          await sqlRows(em, 'update users set password_hash = ?, password_scheme = ? where id = ?', [
            hashed.hash,
            hashed.scheme,
            input.id,
          ]);
          await this.revocation.endAll(em, input.id, 'password changed', principal);
        }
        if (wanted) changed.push(...(await this.replaceRoles(em, principal, locked, wanted)));
        await this.audit.record(em, caller, {
          action: 'user.updated',
          targetType: 'user',
          targetId: input.id,
          detail: { changed },
        });
      }),
    );
    if (hashed) await this.projection.forgetUnlessLive(input.id);
    return this.users.get(input.id);
  }

  private validateChange(input: UpdateUserInput, target: TokenState, mustUseChangePassword: boolean): void {
    const check = new Validation();
    if (input.password && mustUseChangePassword)
      check.add('password', 'Change your own password with changePassword, which takes the current one');
    else if (input.password)
      check.password(input.password, {
        ...this.passwordRules,
        context: [target.username, input.email ?? target.email],
      });
    check.text('firstName', input.firstName, limits.name.max);
    check.text('lastName', input.lastName, limits.name.max);
    check.email(input.email);
    check.phone(input.phone);
    check.birthDate(input.dob, limits.ageToUpdate, this.clock.now());
    check.check();
  }

  private async writeFields(em: SqlEntityManager, input: UpdateUserInput, target: TokenState): Promise<string[]> {
    const user = await em.findOneOrFail(User, { id: input.id }, { failHandler: () => new AppError('USER_NOT_FOUND') });
    const changed: string[] = [];
    for (const field of ['firstName', 'lastName', 'phone', 'email', 'dob'] as const) {
      if (input[field] === undefined) continue;
      const value = cleaned(input[field]);
      if (user[field] === value) continue;
      user[field] = value;
      changed.push(field);
    }
    // an address that was not proved is not verified
    if (changed.includes('email') && cleaned(input.email)?.toLowerCase() !== target.email?.toLowerCase())
      user.isVerified = false;
    if (changed.length > 0) user.updatedAt = this.clock.now();
    await em.flush();
    return changed;
  }

  /** @throws AppError FORBIDDEN, USER_NOT_FOUND, LAST_ADMINISTRATOR */
  async delete(id: string, caller: Caller): Promise<void> {
    const principal = requireScope(caller, 'DELETE_USER');
    await inTransaction(this.em, async (em) => {
      const target = await this.lock(em, id);
      requireScopesOf(principal, target.held);
      if (target.held.has(ADMIN_SCOPE)) await requireAnotherAdministrator(em, id);
      const deleted = await sqlRow(em, 'delete from users where id = ? returning id', [id]);
      if (!deleted) throw new AppError('USER_NOT_FOUND');
      // after the sessions, which have gone with the account: a logout locks them in this order too
      await endKongCredentials(em, id, this.clock.now());
      await this.audit.record(em, caller, {
        action: 'user.deleted',
        targetType: 'user',
        targetId: id,
        detail: { username: target.username },
      });
    });
    await this.projection.forgetUnlessLive(id);
  }

  /**
   * Takes ASSIGN_ROLE and every scope that the role carries. @throws AppError FORBIDDEN,
   * USER_NOT_FOUND, ROLE_NOT_FOUND
   */
  async assignRole(id: string, roleName: string, caller: Caller): Promise<UserView> {
    return this.changeRole(id, roleName, caller, 'assign');
  }

  /** @throws AppError FORBIDDEN, USER_NOT_FOUND, ROLE_NOT_FOUND, LAST_ADMINISTRATOR */
  async unassignRole(id: string, roleName: string, caller: Caller): Promise<UserView> {
    return this.changeRole(id, roleName, caller, 'unassign');
  }

  private async changeRole(
    id: string,
    roleName: string,
    caller: Caller,
    change: 'assign' | 'unassign',
  ): Promise<UserView> {
    const principal = requireScope(caller, 'ASSIGN_ROLE');
    await this.state(id);
    const [role] = await this.rolesNamed([roleName]);
    await inTransaction(this.em, async (em) => {
      const target = await this.lock(em, id);
      requireScopesOf(principal, [...target.held, ...scopesOf([role!])]);
      if (change === 'assign') await this.addRole(em, id, role!);
      else await this.removeRole(em, id, role!);
      await this.audit.record(em, caller, {
        action: `user.role-${change}ed`,
        targetType: 'user',
        targetId: id,
        detail: { role: roleName },
      });
    });
    return this.users.get(id);
  }

  private async addRole(em: SqlEntityManager, userId: string, role: RoleView): Promise<void> {
    const still = await sqlRow(em, 'select id from roles where id = ? for key share', [role.id]);
    if (!still) throw new AppError('ROLE_NOT_FOUND', { name: role.name });
    await sqlRows(em, 'insert into user_roles (user_id, role_id) values (?, ?) on conflict do nothing', [
      userId,
      role.id,
    ]);
  }

  private async removeRole(em: SqlEntityManager, userId: string, role: RoleView): Promise<void> {
    if (role.name === ADMIN_ROLE) await requireAnotherAdministrator(em, userId);
    await sqlRows(em, 'delete from user_roles where user_id = ? and role_id = ?', [userId, role.id]);
  }

  private async replaceRoles(
    em: SqlEntityManager,
    principal: Principal,
    target: TokenState,
    wanted: readonly RoleView[],
  ): Promise<string[]> {
    const held = new Set(target.roles);
    const added = wanted.filter((role) => !held.has(role.name));
    const kept = new Set(wanted.map((role) => role.name));
    const removed = target.roles.filter((name) => !kept.has(name));
    requireScopesOf(principal, [...scopesOf(added), ...removed.map(roleScope)]);
    for (const role of added) await this.addRole(em, target.userId, role);
    for (const role of await this.rolesNamed(removed)) await this.removeRole(em, target.userId, role);
    return added.length + removed.length > 0 ? ['roles'] : [];
  }

  /** @throws AppError FORBIDDEN, USER_NOT_FOUND, LAST_ADMINISTRATOR */
  async disable(id: string, caller: Caller): Promise<UserView> {
    return this.setActive(id, false, caller);
  }

  /** What was ended by disabling stays ended. @throws AppError FORBIDDEN, USER_NOT_FOUND */
  async enable(id: string, caller: Caller): Promise<UserView> {
    return this.setActive(id, true, caller);
  }

  private async setActive(id: string, active: boolean, caller: Caller): Promise<UserView> {
    const principal = requireScope(caller, 'DISABLE_USER');
    await inTransaction(this.em, async (em) => {
      const target = await this.lock(em, id);
      requireScopesOf(principal, target.held);
      if (!active && target.held.has(ADMIN_SCOPE)) await requireAnotherAdministrator(em, id);
      const changed = await sqlRow(
        em,
        'update users set is_active = ?, updated_at = ? where id = ? and is_active <> ? returning id',
        [active, this.clock.now(), id, active],
      );
      if (!changed) return;
      if (!active) await this.revocation.endAll(em, id, 'disabled');
      await this.audit.record(em, caller, {
        action: active ? 'user.enabled' : 'user.disabled',
        targetType: 'user',
        targetId: id,
      });
    });
    if (!active) await this.projection.forgetUnlessLive(id);
    return this.users.get(id);
  }

  /**
   * The account as it is while the transaction lasts: changes of one account take turns, and rights
   * are judged inside.
   */
  private async lock(em: SqlEntityManager, id: string): Promise<TokenState> {
    if (!isUuid(id)) throw new AppError('USER_NOT_FOUND');
    await sqlRow(em, 'select id from users where id = ? for no key update', [id]);
    const state = await this.authenticator.accountStateOf(id, em);
    if (!state) throw new AppError('USER_NOT_FOUND');
    return state;
  }

  private async state(id: string): Promise<TokenState> {
    const state = await this.authenticator.accountStateOf(id);
    if (!state) throw new AppError('USER_NOT_FOUND');
    return state;
  }

  /** @throws AppError ROLE_NOT_FOUND */
  private async rolesNamed(names: readonly string[]): Promise<RoleView[]> {
    if (names.length === 0) return [];
    const all = new Map([...(await this.roles.all()).values()].map((role) => [role.name, role]));
    return [...new Set(names)].map((name) => {
      const role = all.get(name);
      if (!role) throw new AppError('ROLE_NOT_FOUND', { name });
      return role;
    });
  }
}
