import { Field, ObjectType } from 'type-graphql';
import type { SessionPage } from '../../services/sessions/session.service';
import { PageInfo, pageInfo } from '../shared/pagination.types';
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

export const sessionConnection = (page: SessionPage): SessionConnection => ({
  edges: page.sessions.map((node, i) => ({ cursor: page.cursors[i]!, node })),
  nodes: page.sessions,
  pageInfo: pageInfo(page),
});
