import { Field, InputType } from 'type-graphql';
import { IfExists } from '../shared/if-exists.enum';

@InputType({ description: 'A new permission.' })
export class CreatePermissionInput {
  @Field(() => String, { description: '1 to 64 letters, digits and _ . : - that do not begin with ROLE_.' })
  name!: string;

  @Field(() => String, { nullable: true, description: 'What it allows; up to 1000 characters.' })
  description?: string | null;

  @Field(() => IfExists, {
    defaultValue: IfExists.REFUSE,
    description: 'What to do when there is a permission of that name.',
  })
  ifExists!: IfExists;
}

@InputType({ description: 'A permission to delete.' })
export class DeletePermissionInput {
  @Field(() => String, { description: 'Name of the permission. Every role and every token loses it at once.' })
  name!: string;
}
