import { Field, InputType, ObjectType } from 'type-graphql';
import { DateTime, ID } from '../shared/scalars';

@ObjectType({ description: 'An invitation to register.' })
export class Invitation {
  @Field(() => ID, { description: 'Stable id.' })
  id!: string;

  @Field(() => String, { description: 'E-mail address that the invitation was sent to.' })
  email!: string;

  @Field(() => [String], { description: 'Names of the roles that the new account gets.' })
  roles!: string[];

  @Field(() => DateTime, { description: 'Time after which the invitation cannot be accepted.' })
  expiresAt!: Date;
}

@ObjectType({ description: 'The invitation that was sent.' })
export class InviteUserPayload {
  @Field(() => Invitation, { description: 'The invitation.' })
  invitation!: Invitation;
}

@InputType({ description: 'A person to invite.' })
export class InviteUserInput {
  @Field(() => String, { description: 'E-mail address of the person.' })
  email!: string;

  @Field(() => [String], {
    nullable: true,
    description: 'Names of roles; needs the scope ASSIGN_ROLE and every scope that the roles carry.',
  })
  roles?: string[] | null;
}

@InputType({ description: 'An account for an invitation.' })
export class AcceptInvitationInput {
  @Field(() => String, { description: 'The token of the link in the mail.' })
  token!: string;

  @Field(() => String, { description: 'User name: at least 4 characters; unique without regard to case.' })
  username!: string;

  @Field(() => String, { description: 'Password of the new account.' })
  password!: string;
}
