import 'reflect-metadata';
import type { GraphQLSchema } from 'graphql';
import { buildSchemaSync, type NonEmptyArray } from 'type-graphql';
import { guard } from '../access/guard';
import { HistoryResolver } from '../history/history.resolver';
import { KongResolver } from '../kong/kong.resolver';
import { PermissionResolver } from '../permission/permission.resolver';
import { LoginProfileResolver, ProfileResolver } from '../profile/profile.resolver';
import { RecoveryResolver } from '../recovery/recovery.resolver';
import { RoleResolver } from '../role/role.resolver';
import { SessionResolver } from '../session/session.resolver';
import { TokenResolver } from '../token/token.resolver';
import { UserConnectionResolver, UserResolver } from '../user/user.resolver';
import { awaitPropagation } from './await-propagation';

const resolverClasses = [
  UserResolver,
  UserConnectionResolver,
  RoleResolver,
  PermissionResolver,
  TokenResolver,
  SessionResolver,
  ProfileResolver,
  LoginProfileResolver,
  RecoveryResolver,
  HistoryResolver,
  KongResolver,
] as const;

/** One object of each resolver class. */
export type Resolvers = readonly InstanceType<(typeof resolverClasses)[number]>[];

/**
 * The schema behind its access tree. Without resolvers it can be printed, and not executed.
 * @param settle awaited before a mutation that may take rights away is answered
 */
export function createSchema(
  resolvers: Resolvers = [],
  settle: () => Promise<void> = async () => undefined,
): GraphQLSchema {
  const objects = new Map<unknown, object>(resolvers.map((resolver) => [resolver.constructor, resolver]));
  const schema = buildSchemaSync({
    resolvers: resolverClasses as unknown as NonEmptyArray<(typeof resolverClasses)[number]>,
    container: { get: (someClass) => objects.get(someClass) },
    validate: false, // services validate, so that every channel gets the same answer
  });
  awaitPropagation(schema, settle);
  return guard(schema);
}
