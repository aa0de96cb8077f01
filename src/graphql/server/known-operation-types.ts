import { type ASTVisitor, GraphQLError, type ValidationContext } from 'graphql';

/**
 * Rejects a subscription where the schema has none: execution would report it as an unexpected
 * error.
 */
export function knownOperationTypes(context: ValidationContext): ASTVisitor {
  return {
    OperationDefinition: (operation) => {
      if (context.getSchema().getRootType(operation.operation)) return;
      context.reportError(
        new GraphQLError(`The schema has no ${operation.operation} operations`, { nodes: operation }),
      );
    },
  };
}
