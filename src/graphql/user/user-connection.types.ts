import { Field, ObjectType } from 'type-graphql';
import type { UserFilter } from '../../services/users/user-filter';
import { PAGE_DEFAULT, PAGE_MAX, type UserPage } from '../../services/users/user-queries';
import { pageCost } from '../shared/page-cost';
import { type Connection, connection, PageInfo } from '../shared/pagination.types';
import { User } from './user.types';

@ObjectType({ description: 'A user in a connection.' })
export class UserEdge {
  @Field(() => String, { description: 'Opaque; stays valid while users are created and deleted.' })
  cursor!: string;

  @Field(() => User, { description: 'The user.' })
  node!: User;
}

@ObjectType({ description: 'A page of users.' })
export class UserConnection {
  @Field(() => [UserEdge], { description: 'Users with their cursors.' })
  edges!: UserEdge[];

  @Field(() => [User], { description: 'The users without their cursors.' })
  nodes!: User[];

  @Field(() => PageInfo, { description: 'Whether there are more pages, and their cursors.' })
  pageInfo!: PageInfo;

  /** For the count, which is made only when it is asked for: of the users that fit, or of a role's holders. */
  counted!: { filter: UserFilter } | { roleId: string };
}

export const userConnection = (
  page: UserPage,
  counted: UserConnection['counted'],
): Connection<User> & Pick<UserConnection, 'counted'> => connection(page.users, page, { counted });

export const userPageCost = pageCost({ size: PAGE_DEFAULT, max: PAGE_MAX });
