import { Arg, Ctx, FieldResolver, Mutation, Query, Resolver, Root } from 'type-graphql';
import { createPermission } from '../../services/roles/create-permission';
import { deletePermission } from '../../services/roles/delete-permission';
import { findPermission, listPermissions } from '../../services/roles/find-permissions';
import type { RoleDependencies } from '../../services/roles/role-input';
import { Role } from '../role/role.types';
import type { GraphqlContext } from '../server/context';
import { DeletePayload } from '../shared/done.types';
import { listCost } from '../shared/page-cost';
import { CreatePermissionInput, DeletePermissionInput } from './permission.inputs';
import { Permission, PermissionPayload } from './permission.types';

@Resolver(() => Permission)
export class PermissionResolver {
  constructor(private readonly deps: RoleDependencies) {}

  @Query(() => [Permission], {
    name: 'permissions',
    nullable: true,
    complexity: listCost,
    description: 'All permissions, by name.',
  })
  list(): Promise<Permission[]> {
    return listPermissions(this.deps.em);
  }

  @Query(() => Permission, { nullable: true, description: 'One permission; null when there is none of that name.' })
  permission(@Arg('name', () => String, { description: 'The name.' }) name: string): Promise<Permission | null> {
    return findPermission(this.deps.em, name);
  }

  @FieldResolver(() => [Role], {
    nullable: true,
    complexity: listCost,
    description: 'The roles that carry the permission, by precedence and name.',
  })
  async roles(@Root() permission: Permission): Promise<readonly Role[]> {
    return this.deps.roleCache.withPermission(permission.id);
  }

  @Mutation(() => PermissionPayload, {
    nullable: true,
    description: 'Creates a permission, which has no effect until a role contains it.',
  })
  async createPermission(
    @Arg('input', () => CreatePermissionInput, { description: 'The permission.' }) input: CreatePermissionInput,
    @Ctx() { caller }: GraphqlContext,
  ): Promise<PermissionPayload> {
    return { permission: await createPermission(this.deps, input, caller) };
  }

  @Mutation(() => DeletePayload, {
    nullable: true,
    description: 'Deletes a permission; every role and every token loses it at once.',
  })
  async deletePermission(
    @Arg('input', () => DeletePermissionInput, { description: 'The permission.' }) input: DeletePermissionInput,
    @Ctx() { caller }: GraphqlContext,
  ): Promise<DeletePayload> {
    return { ok: true, id: await deletePermission(this.deps, input.name, caller) };
  }
}
