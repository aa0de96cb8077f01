import { Arg, Ctx, Int, Mutation, Query, Resolver } from 'type-graphql';
import { SESSION_PAGE_MAX, type SessionService } from '../../services/sessions/session.service';
import type { GraphqlContext } from '../server/context';
import { DonePayload, done } from '../shared/done.types';
import { ID } from '../shared/scalars';
import { RevokeAllSessionsInput, RevokeSessionInput, RevokeSessionsPayload, Session } from './session.types';
import { SessionConnection, sessionConnection } from './session-connection.types';

/** Sessions carry long texts: at this cost an answer holds some hundreds, however many aliases ask for them. */
const SESSION_COST = 150;

const pageCost = ({ args, childComplexity }: { args: { first?: number }; childComplexity: number }) =>
  1 + Math.max(0, Math.min(SESSION_PAGE_MAX, args.first ?? SESSION_PAGE_MAX)) * (SESSION_COST + childComplexity);

@Resolver(() => Session)
export class SessionResolver {
  constructor(private readonly service: SessionService) {}

  @Query(() => SessionConnection, {
    nullable: true,
    complexity: pageCost,
    description: 'Live sessions, the last used first.',
  })
  async sessions(
    @Ctx() { caller }: GraphqlContext,
    @Arg('userId', () => ID, { nullable: true, description: 'Id of the user; the caller by default.' }) userId?: string,
    @Arg('first', () => Int, { nullable: true, description: 'Size of the page, at most 100, which is the default.' })
    first?: number,
    @Arg('after', () => String, { nullable: true, description: 'Cursor to continue after.' }) after?: string,
  ): Promise<SessionConnection> {
    return sessionConnection(await this.service.list(caller, { userId, first, after }));
  }

  @Mutation(() => DonePayload, {
    nullable: true,
    description: 'Ends one session: an own one, or with REVOKE_SESSIONS one of an account that holds no more.',
  })
  async revokeSession(
    @Arg('input', () => RevokeSessionInput, { description: 'Which.' }) input: RevokeSessionInput,
    @Ctx() { caller }: GraphqlContext,
  ): Promise<DonePayload> {
    await this.service.revoke(caller, input.id);
    return done;
  }

  @Mutation(() => RevokeSessionsPayload, {
    nullable: true,
    description: 'Ends all own sessions but the one that asks.',
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
