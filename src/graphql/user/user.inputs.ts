import { Field, InputType } from 'type-graphql';
import { ID } from '../shared/scalars';

@InputType({ description: 'A new account.' })
export class CreateUserInput {
  @Field(() => String, { description: 'At least 4 characters; unique without regard to case.' })
  username!: string;

  @Field(() => String, { description: 'At least 6 characters unless configured otherwise; 15 in the strict profile.' })
  password!: string;

  @Field(() => String, { nullable: true, description: 'First name.' })
  firstName?: string | null;

  @Field(() => String, { nullable: true, description: 'Last name.' })
  lastName?: string | null;

  @Field(() => String, { nullable: true, description: 'E-mail address; unique without regard to case.' })
  email?: string | null;

  @Field(() => String, { nullable: true, description: '6 to 20 characters.' })
  phone?: string | null;

  @Field(() => String, { nullable: true, description: 'Date of birth, YYYY-MM-DD; at least 10 years ago.' })
  dob?: string | null;

  @Field(() => [String], {
    nullable: true,
    description: 'Names of roles; needs CREATE_USER, ASSIGN_ROLE and every scope of the roles.',
  })
  roles?: string[] | null;
}

@InputType({ description: 'Changes to an account. A member that is left out stays as it is; "" or null empties it.' })
export class UpdateUserInput {
  @Field(() => ID, { description: 'Id of the user.' })
  id!: string;

  @Field(() => String, {
    nullable: true,
    description:
      'A new password for another user, whose sessions and tokens all end. Change your own with changePassword.',
  })
  password?: string | null;

  @Field(() => String, {
    nullable: true,
    description: "The caller's current password; a new e-mail address of the caller's own account needs it.",
  })
  currentPassword?: string | null;

  @Field(() => String, { nullable: true, description: 'First name.' })
  firstName?: string | null;

  @Field(() => String, { nullable: true, description: 'Last name.' })
  lastName?: string | null;

  @Field(() => String, { nullable: true, description: 'E-mail address; a new one has to be verified again.' })
  email?: string | null;

  @Field(() => String, { nullable: true, description: '6 to 20 characters.' })
  phone?: string | null;

  @Field(() => String, { nullable: true, description: 'Date of birth, YYYY-MM-DD; at least 18 years ago.' })
  dob?: string | null;

  @Field(() => [String], {
    nullable: true,
    description: 'Names of all the roles that the user is to have; needs ASSIGN_ROLE. Null leaves them as they are.',
  })
  roles?: string[] | null;
}

@InputType({ description: 'A user by id.' })
export class UserIdInput {
  @Field(() => ID, { description: 'Id of the user.' })
  id!: string;
}

@InputType({ description: 'A user, and a role to give them or to take from them.' })
export class UserRoleInput {
  @Field(() => ID, { description: 'Id of the user.' })
  userId!: string;

  @Field(() => String, { description: 'Name of the role.' })
  role!: string;
}

@InputType({ description: "A change of the caller's own password." })
export class ChangePasswordInput {
  @Field(() => String, { description: 'The current password.' })
  currentPassword!: string;

  @Field(() => String, { description: 'The new password.' })
  newPassword!: string;
}
