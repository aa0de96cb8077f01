import { Arg, Args, Ctx, FieldResolver, Resolver, Root } from 'type-graphql';
import type { HistoryPage, HistoryService } from '../../services/audit/history.service';
import type { SessionPage, SessionService } from '../../services/sessions/session.service';
import type { ProfileService, ProfileView } from '../../services/users/profile.service';
import {
  type AuditEvent,
  AuditFilterInput,
  type LoginAttempt,
  LoginAttemptFilterInput,
} from '../history/history.types';
import {
  AuditEventConnection,
  HistoryPageArgs,
  historyConnection,
  historyCost,
  LoginAttemptConnection,
} from '../history/history-connection.types';
import { BatchLoader } from '../loaders';
import { Profile } from '../profile/profile.types';
import type { GraphqlContext } from '../server/context';
import {
  SessionConnection,
  SessionPageArgs,
  sessionConnection,
  sessionCost,
} from '../session/session-connection.types';
import { User } from './user.types';

export interface UserRelationsDependencies {
  profiles: ProfileService;
  sessions: SessionService;
  history: HistoryService;
}

type Page = HistoryPageArgs;

/** What leads from users to their own. */
@Resolver(() => User)
export class UserRelationsResolver {
  private readonly profiles: BatchLoader<ProfileView>;
  private readonly sessionPages: BatchLoader<SessionPage, SessionPageArgs>;
  private readonly attempts: BatchLoader<HistoryPage<LoginAttempt>, { page: Page; filter: LoginAttemptFilterInput }>;
  private readonly events: BatchLoader<HistoryPage<AuditEvent>, { page: Page; filter: AuditFilterInput }>;

  constructor({ profiles, sessions, history }: UserRelationsDependencies) {
    this.profiles = new BatchLoader((ids) => profiles.findMany(ids));
    this.sessionPages = new BatchLoader((ids, page, { caller }) => sessions.pagesOfUsers(caller, ids, page));
    this.attempts = new BatchLoader((ids, { page, filter }) => history.loginAttemptsOfUsers(ids, filter, page));
    this.events = new BatchLoader((ids, { page, filter }) => history.auditEventsOfUsers(ids, filter, page));
  }

  @FieldResolver(() => Profile, { nullable: true, description: 'What the user shows of themselves.' })
  profile(@Root() user: User, @Ctx() context: GraphqlContext): Promise<Profile | null> {
    return this.profiles.load(context, user.id);
  }

  @FieldResolver(() => SessionConnection, {
    nullable: true,
    complexity: sessionCost,
    description: 'Live sessions of the user, the last used first.',
  })
  async sessions(
    @Root() user: User,
    @Args(() => SessionPageArgs) page: SessionPageArgs,
    @Ctx() context: GraphqlContext,
  ): Promise<SessionConnection | null> {
    const found = await this.sessionPages.load(context, user.id, page);
    return found && sessionConnection(found);
  }

  @FieldResolver(() => LoginAttemptConnection, {
    nullable: true,
    complexity: historyCost,
    description: 'Logins of the user, the newest first.',
  })
  async loginAttempts(
    @Root() user: User,
    @Args(() => HistoryPageArgs) page: HistoryPageArgs,
    @Ctx() context: GraphqlContext,
    @Arg('filter', () => LoginAttemptFilterInput, { nullable: true, description: 'Which logins.' })
    filter?: LoginAttemptFilterInput | null,
  ): Promise<LoginAttemptConnection | null> {
    const found = await this.attempts.load(context, user.id, { page, filter: filter ?? {} });
    return found && historyConnection(found);
  }

  @FieldResolver(() => AuditEventConnection, {
    nullable: true,
    complexity: historyCost,
    description: 'Security events that the user caused, the newest first.',
  })
  async auditEvents(
    @Root() user: User,
    @Args(() => HistoryPageArgs) page: HistoryPageArgs,
    @Ctx() context: GraphqlContext,
    @Arg('filter', () => AuditFilterInput, { nullable: true, description: 'Which events.' })
    filter?: AuditFilterInput | null,
  ): Promise<AuditEventConnection | null> {
    const found = await this.events.load(context, user.id, { page, filter: filter ?? {} });
    return found && historyConnection(found);
  }
}
