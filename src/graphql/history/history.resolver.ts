import { Arg, Args, Ctx, Query, Resolver } from 'type-graphql';
import type { HistoryService } from '../../services/audit/history.service';
import type { GraphqlContext } from '../server/context';
import { ID } from '../shared/scalars';
import { AuditEvent, AuditFilterInput, LoginAttemptFilterInput } from './history.types';
import {
  AuditEventConnection,
  HistoryPageArgs,
  historyConnection,
  historyCost,
  LoginAttemptConnection,
} from './history-connection.types';

@Resolver(() => AuditEvent)
export class HistoryResolver {
  constructor(private readonly history: HistoryService) {}

  @Query(() => LoginAttemptConnection, {
    nullable: true,
    complexity: historyCost,
    description: 'Logins, the newest first: your own, those of another user, or all.',
  })
  async loginAttempts(
    @Ctx() { caller }: GraphqlContext,
    @Args(() => HistoryPageArgs) page: HistoryPageArgs,
    @Arg('userId', () => ID, { nullable: true, description: 'Id of the user; the caller by default.' }) userId?: string,
    @Arg('allUsers', () => Boolean, {
      defaultValue: false,
      description: 'The logins of all users, also under names that belong to no account.',
    })
    allUsers = false,
    @Arg('filter', () => LoginAttemptFilterInput, { nullable: true, description: 'Which logins.' })
    filter?: LoginAttemptFilterInput | null,
  ): Promise<LoginAttemptConnection> {
    return historyConnection(await this.history.loginAttempts(caller, { userId, allUsers }, filter ?? {}, page));
  }

  @Query(() => AuditEventConnection, {
    nullable: true,
    complexity: historyCost,
    description: 'Security events, the newest first.',
  })
  async auditEvents(
    @Args(() => HistoryPageArgs) page: HistoryPageArgs,
    @Arg('filter', () => AuditFilterInput, { nullable: true, description: 'Which events.' })
    filter?: AuditFilterInput | null,
  ): Promise<AuditEventConnection> {
    return historyConnection(await this.history.auditEvents(filter ?? {}, page));
  }
}
