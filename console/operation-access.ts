import { readFileSync } from 'node:fs';
import { buildASTSchema, type GraphQLObjectType, parse } from 'graphql';

export interface OperationAccess {
  kind: 'query' | 'mutation' | 'subscription';
  name: string;
  description: string;
  /** The sentence after "Access:". */
  access: string;
  /** The scopes that the sentence names. */
  scopes: string[];
}

const kinds = ['query', 'mutation', 'subscription'] as const;

/** Each root field of a schema, with the access that its description states. */
export function operationAccess(schemaFile: string): OperationAccess[] {
  const schema = buildASTSchema(parse(readFileSync(schemaFile, 'utf8')), { assumeValid: true });
  const roots = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()];
  return kinds.flatMap((kind, i) => fieldsOf(roots[i]).map(([name, text]) => ({ kind, name, ...split(text) })));
}

const fieldsOf = (type: GraphQLObjectType | null | undefined): [string, string][] =>
  Object.values(type?.getFields() ?? {}).map(({ name, description }) => [name, description ?? '']);

function split(text: string): Pick<OperationAccess, 'description' | 'access' | 'scopes'> {
  const [description = '', access = ''] = text.split(/\s*\bAccess: /);
  return { description, access, scopes: access.match(/\b[A-Z]+(?:_[A-Z]+)+\b/g) ?? [] };
}
