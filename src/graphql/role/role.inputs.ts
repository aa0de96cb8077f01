import { Field, InputType, Int } from 'type-graphql';
import { IfExists } from '../shared/if-exists.enum';

@InputType({ description: 'A new role.' })
export class CreateRoleInput {
  @Field(() => String, { description: '1 to 64 letters, digits and _ . : -' })
  name!: string;

  @Field(() => String, { nullable: true, description: 'What the role is for; up to 1000 characters.' })
  description?: string | null;

  @Field(() => [String], { nullable: true, description: 'Names of permissions, each of which the caller holds.' })
  permissions?: string[] | null;

  @Field(() => Int, {
    nullable: true,
    description: 'Order among roles, 100 by default: of several roles the one with the lowest precedence is shown.',
  })
  precedence?: number | null;

  @Field(() => IfExists, {
    defaultValue: IfExists.REFUSE,
    description: 'What to do when there is a role of that name; REPLACE needs UPDATE_ROLE as well.',
  })
  ifExists!: IfExists;
}

@InputType({ description: 'Changes to a role. A member that is left out stays as it is.' })
export class UpdateRoleInput {
  @Field(() => String, { description: 'Name of the role.' })
  name!: string;

  @Field(() => String, { nullable: true, description: 'What the role is for; null empties it.' })
  description?: string | null;

  @Field(() => [String], { nullable: true, description: 'Names of all the permissions that the role is to have.' })
  permissions?: string[] | null;

  @Field(() => Int, { nullable: true, description: 'Order among roles.' })
  precedence?: number | null;
}

@InputType({ description: 'A role to delete.' })
export class DeleteRoleInput {
  @Field(() => String, { description: 'Name of the role. Its holders lose it at once.' })
  name!: string;
}

@InputType({ description: 'A permission to put into a role, or to take out of it.' })
export class RolePermissionInput {
  @Field(() => String, { description: 'Name of the role.' })
  role!: string;

  @Field(() => String, { description: 'Name of the permission.' })
  permission!: string;
}
