import { Arg, Ctx, FieldResolver, Mutation, Query, Resolver, Root } from 'type-graphql';
import { mayReadUser } from '../../services/caller';
import type { ProfileService } from '../../services/users/profile.service';
import type { GraphqlContext } from '../server/context';
import { ID } from '../shared/scalars';
import { LoginPayload } from '../token/token.types';
import { Profile, ProfilePayload, UpdateProfileInput } from './profile.types';

@Resolver(() => Profile)
export class ProfileResolver {
  constructor(private readonly profiles: ProfileService) {}

  @Query(() => Profile, { nullable: true, description: 'The profile of a user.' })
  profile(
    @Ctx() { caller }: GraphqlContext,
    @Arg('userId', () => ID, { nullable: true, description: 'Whose; the caller by default.' }) userId?: string,
  ): Promise<Profile> {
    return this.profiles.get(caller, userId);
  }

  @Mutation(() => ProfilePayload, { nullable: true, description: 'Changes a profile.' })
  async updateProfile(
    @Arg('input', () => UpdateProfileInput, { description: 'The changes.' }) input: UpdateProfileInput,
    @Ctx() { caller }: GraphqlContext,
  ): Promise<ProfilePayload> {
    const profile = await this.profiles.update(input, caller);
    return { profile: mayReadUser(caller, profile.userId) ? profile : null };
  }
}

@Resolver(() => LoginPayload)
export class LoginProfileResolver {
  constructor(private readonly profiles: ProfileService) {}

  @FieldResolver(() => Profile, {
    description: 'The profile of the user who has logged in; read only when it is selected.',
  })
  profile(@Root() login: LoginPayload): Promise<Profile> {
    return this.profiles.getOfUser(login.user.id);
  }
}
