import { Field, ObjectType } from 'type-graphql';
import type { UserFilter, UserPage } from '../../services/users/user-queries';
import { PageInfo, pageInfo } from '../shared/pagination.types';
import { User } from './user.types';

@ObjectType({ description: 'A user in a connection.' })
export class UserEdge {
  @Field(() => String, { description: 'Opaque; stays valid while users are created and deleted.' })
  cursor!: string;

  @Field(() => User, { description: 'The user.' })
  node!: User;
}

@ObjectType({ description: 'A page of users, by user name.' })
export class UserConnection {
  @Field(() => [UserEdge], { description: 'Users with their cursors.' })
  edges!: UserEdge[];

  @Field(() => [User], { description: 'The users without their cursors.' })
  nodes!: User[];

  @Field(() => PageInfo, { description: 'Whether there are more pages, and their cursors.' })
  pageInfo!: PageInfo;

  /** For the count, which is made only when it is asked for. */
  filter!: UserFilter;
}

export function userConnection(page: UserPage, filter: UserFilter): Omit<UserConnection, 'totalCount'> {
  return {
    edges: page.users.map((node, i) => ({ cursor: page.cursors[i]!, node })),
    nodes: page.users,
    pageInfo: pageInfo(page),
    filter,
  };
}
