import { Field, Int, ObjectType } from 'type-graphql';
import { Permission } from '../permission/permission.types';
import { listCost } from '../shared/page-cost';
import { ID } from '../shared/scalars';

@ObjectType({
  description:
    'A named set of permissions. Its holders have `ROLE_<name>` and the names of its permissions in the scope ' +
    'of their tokens.',
})
export class Role {
  @Field(() => ID, { description: 'Stable id.' })
  id!: string;

  @Field(() => String, { description: 'Unique name, such as EDITOR.' })
  name!: string;

  @Field(() => String, { nullable: true, description: 'What the role is for.' })
  description!: string | null;

  @Field(() => Int, { description: 'Order among roles: of several roles the one with the lowest precedence is shown.' })
  precedence!: number;

  @Field(() => [Permission], { complexity: listCost, description: 'What the role allows, by name.' })
  permissions!: Permission[];
}

@ObjectType({ description: 'A role after a change.' })
export class RolePayload {
  @Field(() => Role, { description: 'The role as it is now.' })
  role!: Role;
}
