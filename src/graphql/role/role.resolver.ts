import { Arg, Ctx, Mutation, Query, Resolver } from 'type-graphql';
import { createRole } from '../../services/roles/create-role';
import { deleteRole } from '../../services/roles/delete-role';
import { grantPermission, revokePermission } from '../../services/roles/grant-permission';
import type { RoleDependencies } from '../../services/roles/role-input';
import { updateRole } from '../../services/roles/update-role';
import type { GraphqlContext } from '../server/context';
import { DeletePayload } from '../shared/done.types';
import { listCost } from '../shared/page-cost';
import { CreateRoleInput, DeleteRoleInput, RolePermissionInput, UpdateRoleInput } from './role.inputs';
import { Role, RolePayload } from './role.types';

@Resolver(() => Role)
export class RoleResolver {
  constructor(private readonly deps: RoleDependencies) {}

  @Query(() => [Role], {
    name: 'roles',
    nullable: true,
    complexity: listCost,
    description: 'All roles with their permissions, by precedence and name.',
  })
  async list(): Promise<Role[]> {
    return [...(await this.deps.roleCache.all()).values()];
  }

  @Query(() => Role, { nullable: true, description: 'One role; null when there is none of that name.' })
  async role(@Arg('name', () => String, { description: 'The name.' }) name: string): Promise<Role | null> {
    return (await this.deps.roleCache.find(name)) ?? null;
  }

  @Mutation(() => RolePayload, {
    nullable: true,
    description: 'Creates a role from permissions that the caller holds.',
  })
  async createRole(
    @Arg('input', () => CreateRoleInput, { description: 'The role.' }) input: CreateRoleInput,
    @Ctx() { caller }: GraphqlContext,
  ): Promise<RolePayload> {
    return { role: await createRole(this.deps, input, caller) };
  }

  @Mutation(() => RolePayload, {
    nullable: true,
    description: 'Changes a role; tokens lose at once what is taken away.',
  })
  async updateRole(
    @Arg('input', () => UpdateRoleInput, { description: 'The changes.' }) input: UpdateRoleInput,
    @Ctx() { caller }: GraphqlContext,
  ): Promise<RolePayload> {
    return { role: await updateRole(this.deps, input, caller) };
  }

  @Mutation(() => DeletePayload, {
    nullable: true,
    description: 'Deletes a role and takes it from its holders at once. ADMIN cannot be deleted.',
  })
  async deleteRole(
    @Arg('input', () => DeleteRoleInput, { description: 'The role.' }) input: DeleteRoleInput,
    @Ctx() { caller }: GraphqlContext,
  ): Promise<DeletePayload> {
    return { ok: true, id: await deleteRole(this.deps, input.name, caller) };
  }

  @Mutation(() => RolePayload, { nullable: true, description: 'Puts a permission that the caller holds into a role.' })
  async grantPermission(
    @Arg('input', () => RolePermissionInput, { description: 'Role and permission.' }) input: RolePermissionInput,
    @Ctx() { caller }: GraphqlContext,
  ): Promise<RolePayload> {
    return { role: await grantPermission(this.deps, input, caller) };
  }

  @Mutation(() => RolePayload, {
    nullable: true,
    description: 'Takes a permission out of a role; tokens lose it at once.',
  })
  async revokePermission(
    @Arg('input', () => RolePermissionInput, { description: 'Role and permission.' }) input: RolePermissionInput,
    @Ctx() { caller }: GraphqlContext,
  ): Promise<RolePayload> {
    return { role: await revokePermission(this.deps, input, caller) };
  }
}
