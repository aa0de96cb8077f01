import { Arg, Ctx, FieldResolver, Int, Mutation, Query, Resolver, Root } from 'type-graphql';
import { type Caller, mayReadUser, signedIn } from '../../services/caller';
import { scopesOf } from '../../services/roles/role-cache';
import { type AssignRoleDependencies, assignRole, unassignRole } from '../../services/users/assign-role';
import { type ChangePasswordDependencies, changePassword } from '../../services/users/change-password';
import { type CreateUserDependencies, createUser } from '../../services/users/create-user';
import type { CurrentUserCache } from '../../services/users/current-user-cache';
import { type DeleteUserDependencies, deleteUser } from '../../services/users/delete-user';
import { type DisableUserDependencies, disableUser, enableUser } from '../../services/users/disable-user';
import { type UpdateUserDependencies, updateUser } from '../../services/users/update-user';
import type { UserQueries } from '../../services/users/user-queries';
import type { UserView } from '../../services/users/user-view';
import { BatchLoader } from '../loaders';
import type { GraphqlContext } from '../server/context';
import { DeletePayload, DonePayload, done } from '../shared/done.types';
import { DateTime, ID } from '../shared/scalars';
import { ChangePasswordInput, CreateUserInput, UpdateUserInput, UserIdInput, UserRoleInput } from './user.inputs';
import { CreateUserPayload, User, UserPayload } from './user.types';
import { UserConnection, userConnection, userPageCost } from './user-connection.types';
import { UserFilterInput, UserSortInput } from './user-list.inputs';

export interface UserResolverDependencies
  extends CreateUserDependencies,
    UpdateUserDependencies,
    DeleteUserDependencies,
    DisableUserDependencies,
    AssignRoleDependencies,
    ChangePasswordDependencies {
  currentUsers: CurrentUserCache;
}

const payloadOf = (user: UserView, caller: Caller): UserPayload => ({
  user: mayReadUser(caller, user.id) ? user : null,
});

@Resolver(() => User)
export class UserResolver {
  constructor(private readonly deps: UserResolverDependencies) {}

  @Query(() => User, { nullable: true, description: 'The user of the token.' })
  me(@Ctx() { caller }: GraphqlContext): Promise<User> {
    return this.deps.currentUsers.get(signedIn(caller).userId);
  }

  @FieldResolver(() => DateTime, { nullable: true, description: 'When the user last logged in.' })
  async lastLoginAt(@Root() user: User): Promise<Date | null> {
    return user.lastLoginAt === undefined ? this.deps.users.lastLoginAt(user.id) : user.lastLoginAt;
  }

  @FieldResolver(() => [String], {
    description:
      'ROLE_<role> and permission names. Of the own account: those that the token permits now; ROLE_ADMIN permits ' +
      'everything.',
  })
  scopes(@Root() user: User, @Ctx() { caller: { principal } }: GraphqlContext): string[] {
    return principal?.userId === user.id ? [...principal.scopes] : scopesOf(user.roles);
  }

  @Query(() => User, {
    nullable: true,
    description: 'One user; fails with USER_NOT_FOUND when no user has the id.',
  })
  user(@Arg('id', () => ID, { description: 'Id of the user.' }) id: string): Promise<User> {
    return this.deps.users.get(id);
  }

  @Query(() => UserConnection, {
    name: 'users',
    nullable: true,
    complexity: userPageCost,
    description: 'Users, a page at a time (50 by default, at most 1000).',
  })
  async page(
    @Arg('first', () => Int, { nullable: true, description: 'Size of a page forward.' }) first?: number,
    @Arg('after', () => String, { nullable: true, description: 'Cursor of the user before the page.' }) after?: string,
    @Arg('last', () => Int, { nullable: true, description: 'Size of a page backward.' }) last?: number,
    @Arg('before', () => String, { nullable: true, description: 'Cursor of the user after the page.' }) before?: string,
    @Arg('filter', () => UserFilterInput, { nullable: true, description: 'Which users to list.' })
    filter?: UserFilterInput | null,
    @Arg('sort', () => UserSortInput, { nullable: true, description: 'The order, by user name by default.' })
    sort?: UserSortInput | null,
  ): Promise<Omit<UserConnection, 'totalCount'>> {
    const wanted = filter ?? {};
    const page = await this.deps.users.page({ first, after, last, before }, wanted, sort);
    return userConnection(page, { filter: wanted });
  }

  @Mutation(() => CreateUserPayload, {
    nullable: true,
    description: 'Registers a user; with `roles` it needs CREATE_USER and ASSIGN_ROLE.',
  })
  async createUser(
    @Arg('input', () => CreateUserInput, { description: 'The account.' }) input: CreateUserInput,
    @Ctx() { caller }: GraphqlContext,
  ): Promise<CreateUserPayload> {
    return { user: await createUser(this.deps, input, caller) };
  }

  @Mutation(() => UserPayload, {
    nullable: true,
    description:
      'Changes a user. Password, e-mail and roles of a user with scopes that the caller lacks need ROLE_ADMIN.',
  })
  async updateUser(
    @Arg('input', () => UpdateUserInput, { description: 'The changes.' }) input: UpdateUserInput,
    @Ctx() { caller }: GraphqlContext,
  ): Promise<UserPayload> {
    return payloadOf(await updateUser(this.deps, input, caller), caller);
  }

  @Mutation(() => DeletePayload, {
    nullable: true,
    description: 'Deletes a user; their tokens and sessions end at once. The last administrator cannot be deleted.',
  })
  async deleteUser(
    @Arg('input', () => UserIdInput, { description: 'The user.' }) input: UserIdInput,
    @Ctx() { caller }: GraphqlContext,
  ): Promise<DeletePayload> {
    await deleteUser(this.deps, input.id, caller);
    return { ok: true, id: input.id };
  }

  @Mutation(() => UserPayload, {
    nullable: true,
    description: 'Disables a user; their tokens and sessions end at once and for good.',
  })
  async disableUser(
    @Arg('input', () => UserIdInput, { description: 'The user.' }) input: UserIdInput,
    @Ctx() { caller }: GraphqlContext,
  ): Promise<UserPayload> {
    return payloadOf(await disableUser(this.deps, input.id, caller), caller);
  }

  @Mutation(() => UserPayload, { nullable: true, description: 'Lets a disabled user log in again.' })
  async enableUser(
    @Arg('input', () => UserIdInput, { description: 'The user.' }) input: UserIdInput,
    @Ctx() { caller }: GraphqlContext,
  ): Promise<UserPayload> {
    return payloadOf(await enableUser(this.deps, input.id, caller), caller);
  }

  @Mutation(() => UserPayload, {
    nullable: true,
    description: 'Gives a user a role of which the caller holds every scope. Their tokens carry it after a refresh.',
  })
  async assignRole(
    @Arg('input', () => UserRoleInput, { description: 'User and role.' }) input: UserRoleInput,
    @Ctx() { caller }: GraphqlContext,
  ): Promise<UserPayload> {
    return payloadOf(await assignRole(this.deps, input, caller), caller);
  }

  @Mutation(() => UserPayload, {
    nullable: true,
    description: 'Takes a role from a user; their tokens lose it at once. The last administrator keeps ADMIN.',
  })
  async unassignRole(
    @Arg('input', () => UserRoleInput, { description: 'User and role.' }) input: UserRoleInput,
    @Ctx() { caller }: GraphqlContext,
  ): Promise<UserPayload> {
    return payloadOf(await unassignRole(this.deps, input, caller), caller);
  }

  @Mutation(() => DonePayload, {
    nullable: true,
    description: "Changes the caller's own password. Every other session and token of the account ends.",
  })
  async changePassword(
    @Arg('input', () => ChangePasswordInput, { description: 'The current and the new password.' })
    input: ChangePasswordInput,
    @Ctx() { caller }: GraphqlContext,
  ): Promise<DonePayload> {
    await changePassword(this.deps, input, caller);
    return done;
  }
}

@Resolver(() => UserConnection)
export class UserConnectionResolver {
  private readonly holders: BatchLoader<number>;

  constructor(private readonly users: UserQueries) {
    this.holders = new BatchLoader((roleIds) => users.countsOfRoles(roleIds));
  }

  @FieldResolver(() => Int, {
    complexity: 10,
    description: 'Number of users on all pages; counted only when it is selected.',
  })
  async totalCount(@Root() { counted }: UserConnection, @Ctx() context: GraphqlContext): Promise<number> {
    if ('filter' in counted) return this.users.count(counted.filter);
    return (await this.holders.load(context, counted.roleId)) ?? 0;
  }
}
