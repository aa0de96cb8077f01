import { Field, InputType, ObjectType } from 'type-graphql';
import { ID } from '../shared/scalars';

@ObjectType({ description: 'A person, as other users see them.' })
export class Profile {
  @Field(() => ID, { description: 'Stable id: that of the user.' })
  id!: string;

  @Field(() => ID, { description: 'Id of the user.' })
  userId!: string;

  @Field(() => String, { nullable: true, description: 'Full name.' })
  fullName!: string | null;

  @Field(() => String, { nullable: true, description: 'Telephone number.' })
  phone!: string | null;

  @Field(() => String, { nullable: true, description: 'Address of a picture.' })
  avatar!: string | null;
}

@InputType({ description: 'Changes to a profile. A member that is left out stays as it is; "" or null empties it.' })
export class UpdateProfileInput {
  @Field(() => ID, { nullable: true, description: 'Id of the user; the caller by default.' })
  userId?: string | null;

  @Field(() => String, { nullable: true, description: 'Full name.' })
  fullName?: string | null;

  @Field(() => String, { nullable: true, description: '6 to 20 characters.' })
  phone?: string | null;

  @Field(() => String, { nullable: true, description: 'Address of a picture, http or https.' })
  avatar?: string | null;
}

@ObjectType({ description: 'A profile after a change.' })
export class ProfilePayload {
  @Field(() => Profile, {
    nullable: true,
    description: 'The profile as it is now; null for another user when the caller lacks READ_USERS.',
  })
  profile!: Profile | null;
}
