import 'reflect-metadata';
import type { GraphQLSchema } from 'graphql';
import { buildSchemaSync, type NonEmptyArray } from 'type-graphql';
import { guard } from '../access/guard';
import { createResolvers, type GraphqlServices } from '../resolvers';
import { awaitPropagation } from './await-propagation';

/**
 * The schema behind its access tree.
 * @param changesReceived awaited before a mutation that may take rights away is answered
 */
export function createSchema(services: GraphqlServices, changesReceived: () => Promise<void>): GraphQLSchema {
  const resolvers = new Map(createResolvers(services).map((resolver) => [resolver.constructor, resolver]));
  const schema = buildSchemaSync({
    resolvers: [...resolvers.keys()] as unknown as NonEmptyArray<() => void>,
    container: { get: (resolverClass) => resolvers.get(resolverClass) },
    validate: false, // services validate, so that every channel gets the same answer
  });
  awaitPropagation(schema, changesReceived);
  return guard(schema);
}

/** The schema for printing and validating; it cannot be executed. */
export const describeSchema = (): GraphQLSchema => createSchema({} as GraphqlServices, async () => undefined);
