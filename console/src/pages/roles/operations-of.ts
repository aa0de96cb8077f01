import operations from 'virtual:operations';

/** Operations whose description names a scope. */
export const operationsOf = (scope: string): string[] =>
  operations.filter(({ scopes }) => scopes.includes(scope)).map(({ name }) => name);
