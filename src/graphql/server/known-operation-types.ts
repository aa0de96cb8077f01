import { type ASTVisitor, GraphQLError, type ValidationContext } from 'graphql';

/** Rejects subscriptions at `/graphql`: they are streams, and execution would run them as queries. */
export function knownOperationTypes(context: ValidationContext): ASTVisitor {
  return {
    OperationDefinition: (operation) => {
      if (operation.operation !== 'subscription') return;
      context.reportError(new GraphQLError('Send subscriptions to /graphql/stream', { nodes: operation }));
    },
  };
}
