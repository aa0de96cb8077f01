import { type ASTVisitor, GraphQLError, type ValidationContext } from 'graphql';

/**
 * Refuses a subscription where there are none: the execution would only find out when it looks for
 * the type, as an unexpected error.
 */
export function knowOperationType(context: ValidationContext): ASTVisitor {
  return {
    OperationDefinition: (operation) => {
      if (context.getSchema().getRootType(operation.operation)) return;
      context.reportError(
        new GraphQLError(`The schema has no ${operation.operation} operations`, { nodes: operation }),
      );
    },
  };
}
