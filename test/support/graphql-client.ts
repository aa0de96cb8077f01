import type { TypedDocumentNode } from '@graphql-typed-document-node/core';
import { print } from 'graphql';
import type { ErrorCode } from '../../src/errors/catalogue';

/** A GraphQL error as it arrives, without `locations`, which say no more than `path`. */
interface GraphqlFailure {
  message: string;
  path?: (string | number)[];
  extensions?: { code?: string } & Record<string, unknown>;
}

interface GraphqlBody<T> {
  data?: T | null;
  errors?: GraphqlFailure[];
}

export interface GraphqlAnswer<T> {
  status: number;
  headers: Headers;
  body: GraphqlBody<T>;
}

/** A document of schema/operations, which knows its types, or a text. */
export type Operation<T, V> = TypedDocumentNode<T, V> | string;

type Members = Record<string, unknown>;

/** Sends GraphQL over real HTTP, as any client does. */
export class GraphqlClient {
  constructor(public url: string) {}

  /** @param token sent as the bearer; an object gives headers instead */
  async gql<T = Members, V = Members>(
    operation: Operation<T, V>,
    variables?: V,
    token?: string | Record<string, string>,
  ): Promise<GraphqlAnswer<T>> {
    const query = typeof operation === 'string' ? operation : print(operation);
    const headers = typeof token === 'string' ? { authorization: `Bearer ${token}` } : token;
    return this.post<T>({ query, ...(variables !== undefined && { variables }) }, headers);
  }

  /** Any body, with any headers. */
  async post<T = Members>(body: unknown, headers: Record<string, string> = {}): Promise<GraphqlAnswer<T>> {
    const response = await fetch(this.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });
    const answer = (await response.json()) as GraphqlBody<T>;
    for (const error of answer.errors ?? []) delete (error as { locations?: unknown }).locations;
    return { status: response.status, headers: response.headers, body: answer };
  }

  /**
   * The data of an operation that has to succeed as a whole. @throws Error with what the server
   * said
   */
  async data<T = Members, V = Members>(operation: Operation<T, V>, variables?: V, token?: string): Promise<T> {
    const { status, body } = await this.gql(operation, variables, token);
    if (body.errors || !body.data) throw new Error(`HTTP ${status}: ${JSON.stringify(body)}`);
    return body.data;
  }

  /** `ok`, or the code of the first error: for tables of who may do what. */
  async outcome<T = Members, V = Members>(
    operation: Operation<T, V>,
    variables?: V,
    token?: string,
  ): Promise<ErrorCode | 'ok'> {
    const { body } = await this.gql(operation, variables, token);
    return body.errors ? (body.errors[0]?.extensions?.code as ErrorCode) : 'ok';
  }
}

/** The whole body of a refused root field. */
export function refused(
  field: string,
  code: ErrorCode,
  message: string | object,
  extensions: object = {},
): { data: Record<string, null>; errors: unknown[] } {
  return { data: { [field]: null }, errors: [{ message, path: [field], extensions: { code, ...extensions } }] };
}

/** The whole body of a request that is refused before anything of it runs. */
export const rejected = (code: ErrorCode, message: string | object): { errors: unknown[] } => ({
  errors: [{ message, extensions: { code } }],
});

export const unauthenticated = (field: string, reason: 'missing' | 'expired' | 'invalid' = 'invalid') =>
  refused(field, 'UNAUTHENTICATED', 'Sign in first: send a valid token as "Authorization: Bearer <token>"', { reason });

export const forbidden = (field: string, needs: string) =>
  refused(field, 'FORBIDDEN', `You do not have permission; this needs ${needs}`, { needs });
