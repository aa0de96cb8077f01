import { Field, ObjectType } from 'type-graphql';
import { Role } from '../role/role.types';
import { DateTime, ID, LocalDate } from '../shared/scalars';

@ObjectType({ description: 'An account.' })
export class User {
  @Field(() => ID, { description: 'Stable id, a UUID.' })
  id!: string;

  @Field(() => String, { description: 'Unique without regard to case; never changes.' })
  username!: string;

  @Field(() => String, { nullable: true, description: 'First name.' })
  firstName!: string | null;

  @Field(() => String, { nullable: true, description: 'Last name.' })
  lastName!: string | null;

  @Field(() => String, { nullable: true, description: 'E-mail address, unique without regard to case.' })
  email!: string | null;

  @Field(() => String, { nullable: true, description: 'Telephone number, as entered.' })
  phone!: string | null;

  @Field(() => LocalDate, { nullable: true, description: 'Date of birth.' })
  dob!: string | null;

  @Field(() => Boolean, { description: 'False for a disabled account, which cannot log in.' })
  isActive!: boolean;

  @Field(() => Boolean, { description: 'Whether the e-mail address is verified.' })
  isVerified!: boolean;

  @Field(() => DateTime, { description: 'When the account was created.' })
  createdAt!: Date;

  @Field(() => DateTime, { nullable: true, description: 'When the user last logged in.' })
  lastLoginAt?: Date | null;

  @Field(() => [Role], { description: 'Roles, by precedence and name.' })
  roles!: Role[];
}

@ObjectType({ description: 'A user who was created.' })
export class CreateUserPayload {
  @Field(() => User, { description: 'The new user.' })
  user!: User;
}

@ObjectType({ description: 'A user after a change.' })
export class UserPayload {
  @Field(() => User, {
    nullable: true,
    description: 'The user as they are now; null when they are not the caller, who lacks READ_USERS.',
  })
  user!: User | null;
}
