import { Field, InputType } from 'type-graphql';
import { ID } from '../shared/scalars';

@InputType({ description: 'A new account.' })
export class CreateUserInput {
  @Field(() => String, { description: 'At least 4 characters; unique without regard to case.' })
  username!: string;

  @Field(() => String, { description: 'At least 6 characters (15 in the strict profile).' })
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
    description: 'Names of roles; takes the scopes CREATE_USER and ASSIGN_ROLE, and every scope the roles carry.',
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
      'A new password for somebody else; for oneself there is changePassword. Ends all his sessions and tokens.',
  })
  password?: string | null;

  @Field(() => String, {
    nullable: true,
    description: "The password in force; the strict profile wants it for a new e-mail address of one's own.",
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
    description: 'All the roles he is to have, by name; takes ASSIGN_ROLE. Null leaves them.',
  })
  roles?: string[] | null;
}

@InputType({ description: 'Names a user.' })
export class UserIdInput {
  @Field(() => ID, { description: 'Id of the user.' })
  id!: string;
}

@InputType({ description: 'A role to give to a user, or to take away.' })
export class UserRoleInput {
  @Field(() => ID, { description: 'Id of the user.' })
  userId!: string;

  @Field(() => String, { description: 'Name of the role.' })
  role!: string;
}

@InputType({ description: "A change of one's own password." })
export class ChangePasswordInput {
  @Field(() => String, { description: 'The password that is in force.' })
  currentPassword!: string;

  @Field(() => String, { description: 'The new one.' })
  newPassword!: string;
}

@InputType({ description: 'Narrows a list of users; all conditions hold together.' })
export class UserFilterInput {
  @Field(() => String, { nullable: true, description: 'Part of user name, e-mail, first or last name, in any case.' })
  text?: string | null;

  @Field(() => String, { nullable: true, description: 'Name of a role that they have.' })
  role?: string | null;

  @Field(() => Boolean, { nullable: true, description: 'Active ones, or disabled ones.' })
  active?: boolean | null;
}
