import { ArgsType, Field, Int, ObjectType } from 'type-graphql';
import { SESSION_PAGE_MAX, type SessionPage } from '../../services/sessions/session.service';
import { pageCost } from '../shared/page-cost';
import { type Connection, connection, PageInfo } from '../shared/pagination.types';
import { Session } from './session.types';

@ObjectType({ description: 'A session in a connection.' })
export class SessionEdge {
  @Field(() => String, { description: 'Opaque; stays valid while sessions begin and end.' })
  cursor!: string;

  @Field(() => Session, { description: 'The session.' })
  node!: Session;
}

@ObjectType({ description: 'A page of sessions, the last used first.' })
export class SessionConnection {
  @Field(() => [SessionEdge], { description: 'Sessions with their cursors.' })
  edges!: SessionEdge[];

  @Field(() => [Session], { description: 'The sessions alone.' })
  nodes!: Session[];

  @Field(() => PageInfo, { description: 'The position of the page, and the cursors to continue with.' })
  pageInfo!: PageInfo;
}

/** A page of sessions, forward. */
@ArgsType()
export class SessionPageArgs {
  @Field(() => Int, { nullable: true, description: 'Size of the page, at most 100, which is the default.' })
  first?: number | null;

  @Field(() => String, { nullable: true, description: 'Cursor to continue after.' })
  after?: string | null;
}

export const sessionConnection = (page: SessionPage): Connection<Session> => connection(page.sessions, page, {});

/** Sessions carry long texts: at this cost an answer holds some hundreds, however many aliases ask for them. */
export const sessionCost = pageCost({ size: SESSION_PAGE_MAX, max: SESSION_PAGE_MAX, row: 150 });
