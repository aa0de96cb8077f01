import { ArgsType, Field, Int, ObjectType } from 'type-graphql';
import { HISTORY_PAGE_DEFAULT, HISTORY_PAGE_MAX, type HistoryPage } from '../../services/audit/history.service';
import { pageCost } from '../shared/page-cost';
import { type Connection, connection, PageInfo } from '../shared/pagination.types';
import { AuditEvent, HistorySort, LoginAttempt } from './history.types';

@ObjectType({ description: 'A login in a connection.' })
export class LoginAttemptEdge {
  @Field(() => String, { description: 'Opaque; stays valid while logins are added.' })
  cursor!: string;

  @Field(() => LoginAttempt, { description: 'The login.' })
  node!: LoginAttempt;
}

@ObjectType({ description: 'A page of logins.' })
export class LoginAttemptConnection {
  @Field(() => [LoginAttemptEdge], { description: 'Logins with their cursors.' })
  edges!: LoginAttemptEdge[];

  @Field(() => [LoginAttempt], { description: 'The logins alone.' })
  nodes!: LoginAttempt[];

  @Field(() => PageInfo, { description: 'Where the page stands, and the cursors to continue with.' })
  pageInfo!: PageInfo;
}

@ObjectType({ description: 'A security event in a connection.' })
export class AuditEventEdge {
  @Field(() => String, { description: 'Opaque; stays valid while events are added.' })
  cursor!: string;

  @Field(() => AuditEvent, { description: 'The event.' })
  node!: AuditEvent;
}

@ObjectType({ description: 'A page of security events.' })
export class AuditEventConnection {
  @Field(() => [AuditEventEdge], { description: 'Events with their cursors.' })
  edges!: AuditEventEdge[];

  @Field(() => [AuditEvent], { description: 'The events alone.' })
  nodes!: AuditEvent[];

  @Field(() => PageInfo, { description: 'Where the page stands, and the cursors to continue with.' })
  pageInfo!: PageInfo;
}

/** A page of a history, forward. */
@ArgsType()
export class HistoryPageArgs {
  @Field(() => Int, { nullable: true, description: 'Size of the page, 50 by default and at most 1000.' })
  first?: number | null;

  @Field(() => String, { nullable: true, description: 'Cursor to continue after.' })
  after?: string | null;

  @Field(() => HistorySort, { nullable: true, description: 'The order, NEWEST_FIRST by default.' })
  sort?: HistorySort | null;
}

export const historyConnection = <Row>(page: HistoryPage<Row>): Connection<Row> => connection(page.rows, page, {});

export const historyCost = pageCost({ size: HISTORY_PAGE_DEFAULT, max: HISTORY_PAGE_MAX });
