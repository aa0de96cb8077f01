import { defaultFieldResolver, type GraphQLSchema } from 'graphql';

/** Mutations that take no right away; every other one waits. */
const WITHOUT_REVOCATION = new Set([
  'login',
  'refresh',
  'introspect',
  'createUser',
  'createPermission',
  'requestPasswordReset',
  'checkPasswordResetCode',
  'requestEmailVerification',
  'kongSignIn',
  'kongToken',
]);

/**
 * Holds the answer of a mutation back until this process has received its own change, so that the
 * client's next request meets it. A mutation that failed may have changed something as well.
 */
export function awaitPropagation(schema: GraphQLSchema, changesReceived: () => Promise<void>): void {
  for (const field of Object.values(schema.getMutationType()?.getFields() ?? {})) {
    if (WITHOUT_REVOCATION.has(field.name)) continue;
    const resolve = field.resolve ?? defaultFieldResolver;
    field.resolve = async (...args) => {
      try {
        return await resolve(...args);
      } finally {
        await changesReceived();
      }
    };
  }
}
