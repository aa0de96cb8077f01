import 'reflect-metadata';
import type { GraphQLObjectType, GraphQLSchema } from 'graphql';
import { buildSchemaSync, getMetadataStorage, type NonEmptyArray } from 'type-graphql';
import { access } from '../access/access-tree';
import { authorize, guard } from '../access/guard';
import { liveSources } from '../live/live.resolver';
import { createResolvers, type GraphqlServices } from '../resolvers';
import { awaitPropagation } from './await-propagation';
import type { GraphqlContext } from './context';

/** TypeGraphQL wants a broker for subscriptions; `connectSources` gives them their own sources. */
const unusedPubSub = {
  publish: () => undefined,
  subscribe: (): never => {
    throw new Error('subscriptions have sources of their own');
  },
};

/**
 * The schema behind its access tree.
 * @param changesReceived awaited before a mutation that may take rights away is answered
 */
export function createSchema(services: GraphqlServices, changesReceived: () => Promise<void>): GraphQLSchema {
  // a field without a resolver of its own is a member of its object
  for (const type of getMetadataStorage().objectTypes) type.simpleResolvers = true;
  const resolvers = new Map(createResolvers(services).map((resolver) => [resolver.constructor, resolver]));
  const schema = buildSchemaSync({
    resolvers: [...resolvers.keys()] as unknown as NonEmptyArray<() => void>,
    container: { get: (resolverClass) => resolvers.get(resolverClass) },
    pubSub: unusedPubSub,
    validate: false, // services validate, so that every channel gets the same answer
    skipCheck: true, // a test validates the schema, and a start need not
  });
  connectSources(schema, liveSources(services));
  awaitPropagation(schema, changesReceived);
  orderRootFields(schema);
  return guard(schema);
}

/** Gives each subscription its source, behind the decision of the access tree. */
function connectSources(schema: GraphQLSchema, sources: ReturnType<typeof liveSources>): void {
  const fields = schema.getSubscriptionType()?.getFields() ?? {};
  for (const [name, source] of Object.entries(sources)) {
    fields[name]!.subscribe = (_root, args, context: GraphqlContext) => {
      const decision = authorize(access.Subscription[name as keyof typeof sources], args, context);
      if (decision !== true) throw decision;
      return source(context);
    };
  }
}

/** Gives root fields the order of the access tree, which clients such as the playground show. */
function orderRootFields(schema: GraphQLSchema): void {
  for (const [type, order] of Object.entries(access)) {
    const fields = (schema.getType(type) as GraphQLObjectType).getFields();
    for (const name of Object.keys(order)) {
      const field = fields[name];
      if (field === undefined) continue; // guard reports it
      delete fields[name];
      fields[name] = field;
    }
  }
}

/** The schema for printing and validating; it cannot be executed. */
export const describeSchema = (): GraphQLSchema => createSchema({} as GraphqlServices, async () => undefined);
