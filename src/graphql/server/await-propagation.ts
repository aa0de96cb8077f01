import { defaultFieldResolver, type GraphQLSchema } from 'graphql';

/** Mutations that take no right away; every other is followed by `settle`. */
const TAKES_NOTHING_AWAY = new Set([
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
 * Holds the answer of a mutation back until this process has heard of its own change: who is told
 * "done" finds it done with the next request, here as well. A mutation that failed may have changed
 * something all the same.
 */
export function awaitPropagation(schema: GraphQLSchema, settle: () => Promise<void>): void {
  for (const field of Object.values(schema.getMutationType()?.getFields() ?? {})) {
    if (TAKES_NOTHING_AWAY.has(field.name)) continue;
    const resolve = field.resolve ?? defaultFieldResolver;
    field.resolve = async (...of) => {
      try {
        return await resolve(...of);
      } finally {
        await settle();
      }
    };
  }
}
