import { Arg, Ctx, Int, Query, Resolver } from 'type-graphql';
import type { HistoryPage, HistoryService } from '../../services/audit/history.service';
import type { GraphqlContext } from '../server/context';
import { type PageInfo, pageInfo } from '../shared/pagination.types';
import { ID } from '../shared/scalars';
import { AuditEvent, AuditEventConnection, AuditFilterInput, LoginAttemptConnection } from './history.types';

const connection = <Row>(page: HistoryPage<Row>): { nodes: Row[]; pageInfo: PageInfo } => ({
  nodes: page.rows,
  pageInfo: pageInfo(page),
});

const pageCost = ({ args, childComplexity }: { args: { first?: number }; childComplexity: number }) =>
  1 + Math.max(0, Math.min(1000, args.first ?? 50)) * childComplexity;

@Resolver(() => AuditEvent)
export class HistoryResolver {
  constructor(private readonly history: HistoryService) {}

  @Query(() => LoginAttemptConnection, {
    nullable: true,
    complexity: pageCost,
    description: 'Logins, the newest first: your own, those of another user, or all.',
  })
  async loginAttempts(
    @Ctx() { caller }: GraphqlContext,
    @Arg('userId', () => ID, { nullable: true, description: 'Id of the user; the caller by default.' }) userId?: string,
    @Arg('everybody', () => Boolean, {
      defaultValue: false,
      description: 'All of them, also those whose name belongs to no account.',
    })
    everybody = false,
    @Arg('first', () => Int, { nullable: true, description: 'Size of the page, 50 by default and at most 1000.' })
    first?: number,
    @Arg('after', () => String, { nullable: true, description: 'Cursor to go on from.' }) after?: string,
  ): Promise<LoginAttemptConnection> {
    return connection(await this.history.loginAttempts(caller, { userId, everybody }, { first, after }));
  }

  @Query(() => AuditEventConnection, {
    nullable: true,
    complexity: pageCost,
    description: 'Security events, the newest first.',
  })
  async auditEvents(
    @Arg('filter', () => AuditFilterInput, { nullable: true, description: 'Which events.' }) filter?: AuditFilterInput,
    @Arg('first', () => Int, { nullable: true, description: 'Size of the page, 50 by default and at most 1000.' })
    first?: number,
    @Arg('after', () => String, { nullable: true, description: 'Cursor to go on from.' }) after?: string,
  ): Promise<AuditEventConnection> {
    return connection(await this.history.auditEvents(filter ?? {}, { first, after }));
  }
}
