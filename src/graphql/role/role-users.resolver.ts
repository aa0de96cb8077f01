import { Arg, Ctx, FieldResolver, Int, Resolver, Root } from 'type-graphql';
import type { UserPage, UserQueries } from '../../services/users/user-queries';
import { BatchLoader } from '../loaders';
import type { GraphqlContext } from '../server/context';
import { UserConnection, userConnection, userPageCost } from '../user/user-connection.types';
import { Role } from './role.types';

@Resolver(() => Role)
export class RoleUsersResolver {
  private readonly pages: BatchLoader<UserPage, { first?: number; after?: string }>;

  constructor(users: UserQueries) {
    this.pages = new BatchLoader((roleIds, page) => users.pagesOfRoles(roleIds, page));
  }

  @FieldResolver(() => UserConnection, {
    nullable: true,
    complexity: userPageCost,
    description: 'The users who hold the role, by user name.',
  })
  async users(
    @Root() role: Role,
    @Ctx() context: GraphqlContext,
    @Arg('first', () => Int, { nullable: true, description: 'Size of the page, 50 by default and at most 1000.' })
    first?: number,
    @Arg('after', () => String, { nullable: true, description: 'Cursor to continue after.' }) after?: string,
  ): Promise<Omit<UserConnection, 'totalCount'> | null> {
    const page = await this.pages.load(context, role.id, { first, after });
    return page && userConnection(page, { roleId: role.id });
  }
}
