import { Field, ObjectType } from 'type-graphql';
import { ID } from '../shared/scalars';

@ObjectType({ description: 'A right. Its name is one word of the scope of a token.' })
export class Permission {
  @Field(() => ID, { description: 'Stable id.' })
  id!: string;

  @Field(() => String, { description: 'Unique name, such as READ_USERS.' })
  name!: string;

  @Field(() => String, { nullable: true, description: 'What it allows.' })
  description!: string | null;
}

@ObjectType({ description: 'A permission after a change.' })
export class PermissionPayload {
  @Field(() => Permission, { description: 'The permission as it is now.' })
  permission!: Permission;
}
