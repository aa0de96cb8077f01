import { Arg, Ctx, Mutation, Resolver } from 'type-graphql';
import { type AcceptInvitationDependencies, acceptInvitation } from '../../services/users/accept-invitation';
import { type InviteUserDependencies, inviteUser } from '../../services/users/invite-user';
import type { GraphqlContext } from '../server/context';
import { AcceptInvitationInput, InviteUserInput, InviteUserPayload } from './invitation.types';
import { CreateUserPayload } from './user.types';

export type InvitationResolverDependencies = InviteUserDependencies & AcceptInvitationDependencies;

@Resolver()
export class InvitationResolver {
  constructor(private readonly deps: InvitationResolverDependencies) {}

  @Mutation(() => InviteUserPayload, {
    nullable: true,
    description: 'Mails an invitation to register, which is valid for seven days.',
  })
  async inviteUser(
    @Arg('input', () => InviteUserInput, { description: 'Address and roles.' }) input: InviteUserInput,
    @Ctx() { caller }: GraphqlContext,
  ): Promise<InviteUserPayload> {
    return { invitation: await inviteUser(this.deps, input, caller) };
  }

  @Mutation(() => CreateUserPayload, {
    nullable: true,
    description: 'Registers an invited user. The address of the invitation is proved by its mail.',
  })
  async acceptInvitation(
    @Arg('input', () => AcceptInvitationInput, { description: 'Token, user name and password.' })
    input: AcceptInvitationInput,
    @Ctx() { caller }: GraphqlContext,
  ): Promise<CreateUserPayload> {
    return { user: await acceptInvitation(this.deps, input, caller) };
  }
}
