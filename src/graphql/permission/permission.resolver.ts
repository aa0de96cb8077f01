import { Arg, Ctx, Mutation, Query, Resolver } from 'type-graphql';
import type { PermissionService } from '../../services/roles/permission.service';
import type { GraphqlContext } from '../server/context';
import { DonePayload, done } from '../shared/done.types';
import { CreatePermissionInput, DeletePermissionInput } from './permission.inputs';
import { Permission, PermissionPayload } from './permission.types';

@Resolver(() => Permission)
export class PermissionResolver {
  constructor(private readonly permissions: PermissionService) {}

  @Query(() => [Permission], { name: 'permissions', nullable: true, description: 'All permissions, by name.' })
  list(): Promise<Permission[]> {
    return this.permissions.list();
  }

  @Query(() => Permission, { nullable: true, description: 'One permission; null when there is none of that name.' })
  permission(@Arg('name', () => String, { description: 'Its name.' }) name: string): Promise<Permission | null> {
    return this.permissions.find(name);
  }

  @Mutation(() => PermissionPayload, {
    nullable: true,
    description: 'Makes a permission. It does nothing until a role carries it.',
  })
  async createPermission(
    @Arg('input', () => CreatePermissionInput, { description: 'The permission.' }) input: CreatePermissionInput,
    @Ctx() { caller }: GraphqlContext,
  ): Promise<PermissionPayload> {
    return { permission: await this.permissions.create(input, input.ifExists, caller) };
  }

  @Mutation(() => DonePayload, {
    nullable: true,
    description: 'Deletes a permission; every role and every live token loses it at once.',
  })
  async deletePermission(
    @Arg('input', () => DeletePermissionInput, { description: 'Which.' }) input: DeletePermissionInput,
    @Ctx() { caller }: GraphqlContext,
  ): Promise<DonePayload> {
    await this.permissions.delete(input.name, caller);
    return done;
  }
}
