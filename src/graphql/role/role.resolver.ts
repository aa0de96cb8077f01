import { Arg, Ctx, Mutation, Query, Resolver } from 'type-graphql';
import type { RoleService } from '../../services/roles/role.service';
import type { GraphqlContext } from '../server/context';
import { DonePayload, done } from '../shared/done.types';
import { CreateRoleInput, DeleteRoleInput, RolePermissionInput, UpdateRoleInput } from './role.inputs';
import { Role, RolePayload } from './role.types';

@Resolver(() => Role)
export class RoleResolver {
  constructor(private readonly roles: RoleService) {}

  @Query(() => [Role], {
    name: 'roles',
    nullable: true,
    description: 'All roles with their permissions, by precedence and name.',
  })
  list(): Promise<Role[]> {
    return this.roles.list();
  }

  @Query(() => Role, { nullable: true, description: 'One role; null when there is none of that name.' })
  role(@Arg('name', () => String, { description: 'Its name.' }) name: string): Promise<Role | null> {
    return this.roles.find(name);
  }

  @Mutation(() => RolePayload, {
    nullable: true,
    description: 'Makes a role out of permissions that the caller holds.',
  })
  async createRole(
    @Arg('input', () => CreateRoleInput, { description: 'The role.' }) input: CreateRoleInput,
    @Ctx() { caller }: GraphqlContext,
  ): Promise<RolePayload> {
    return { role: await this.roles.create(input, input.ifExists, caller) };
  }

  @Mutation(() => RolePayload, {
    nullable: true,
    description: 'Changes a role; live tokens lose at once what is taken away.',
  })
  async updateRole(
    @Arg('input', () => UpdateRoleInput, { description: 'The changes.' }) input: UpdateRoleInput,
    @Ctx() { caller }: GraphqlContext,
  ): Promise<RolePayload> {
    return { role: await this.roles.update(input, caller) };
  }

  @Mutation(() => DonePayload, {
    nullable: true,
    description: 'Deletes a role and takes it from its holders at once. ADMIN stays.',
  })
  async deleteRole(
    @Arg('input', () => DeleteRoleInput, { description: 'Which.' }) input: DeleteRoleInput,
    @Ctx() { caller }: GraphqlContext,
  ): Promise<DonePayload> {
    await this.roles.delete(input.name, caller);
    return done;
  }

  @Mutation(() => RolePayload, { nullable: true, description: 'Puts a permission that the caller holds into a role.' })
  async grantPermission(
    @Arg('input', () => RolePermissionInput, { description: 'Role and permission.' }) input: RolePermissionInput,
    @Ctx() { caller }: GraphqlContext,
  ): Promise<RolePayload> {
    return { role: await this.roles.grantPermission(input.role, input.permission, caller) };
  }

  @Mutation(() => RolePayload, {
    nullable: true,
    description: 'Takes a permission out of a role; live tokens lose it at once.',
  })
  async revokePermission(
    @Arg('input', () => RolePermissionInput, { description: 'Role and permission.' }) input: RolePermissionInput,
    @Ctx() { caller }: GraphqlContext,
  ): Promise<RolePayload> {
    return { role: await this.roles.revokePermission(input.role, input.permission, caller) };
  }
}
