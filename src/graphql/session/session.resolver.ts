import { Arg, Args, Ctx, Int, Mutation, Query, Resolver } from 'type-graphql';
import type { SessionService } from '../../services/sessions/session.service';
import type { GraphqlContext } from '../server/context';
import { DeletePayload } from '../shared/done.types';
import { ID } from '../shared/scalars';
import { RevokeAllSessionsInput, RevokeSessionInput, RevokeSessionsPayload, Session } from './session.types';
import { SessionConnection, SessionPageArgs, sessionConnection, sessionCost } from './session-connection.types';

/** Rows are counted, not returned: the cost is that of a page of 500. */
const COUNT_COST = 500;

@Resolver(() => Session)
export class SessionResolver {
  constructor(private readonly service: SessionService) {}

  @Query(() => SessionConnection, {
    nullable: true,
    complexity: sessionCost,
    description: 'Live sessions, the last used first.',
  })
  async sessions(
    @Ctx() { caller }: GraphqlContext,
    @Args(() => SessionPageArgs) page: SessionPageArgs,
    @Arg('userId', () => ID, { nullable: true, description: 'Id of the user; the caller by default.' }) userId?: string,
  ): Promise<SessionConnection> {
    return sessionConnection(await this.service.list(caller, { ...page, userId }));
  }

  @Query(() => Int, { nullable: true, complexity: COUNT_COST, description: 'Number of live sessions of all users.' })
  sessionCount(): Promise<number> {
    return this.service.count();
  }

  @Mutation(() => DeletePayload, {
    nullable: true,
    description: 'Ends one session: an own one, or with REVOKE_SESSIONS one of an account that holds no more.',
  })
  async revokeSession(
    @Arg('input', () => RevokeSessionInput, { description: 'Which.' }) input: RevokeSessionInput,
    @Ctx() { caller }: GraphqlContext,
  ): Promise<DeletePayload> {
    await this.service.revoke(caller, input.id);
    return { ok: true, id: input.id };
  }

  @Mutation(() => RevokeSessionsPayload, {
    nullable: true,
    description: "Ends the caller's sessions and tokens except those of the request.",
  })
  async revokeOtherSessions(@Ctx() { caller }: GraphqlContext): Promise<RevokeSessionsPayload> {
    return { count: await this.service.revokeOthers(caller) };
  }

  @Mutation(() => RevokeSessionsPayload, { nullable: true, description: 'Ends all sessions of a user.' })
  async revokeAllSessions(
    @Ctx() { caller }: GraphqlContext,
    @Arg('input', () => RevokeAllSessionsInput, { nullable: true, description: 'Whose; the caller by default.' })
    input?: RevokeAllSessionsInput,
  ): Promise<RevokeSessionsPayload> {
    return { count: await this.service.revokeAll(caller, input?.userId ?? undefined) };
  }
}
