import type { DocumentNode } from 'graphql';
import type { LastLogin } from './last-login';
import { openStream } from './subscription-stream';

interface FetcherDependencies {
  url: string;
  /** Where subscriptions are streamed. */
  streamUrl: string;
  lastLogin: LastLogin;
  fetch: typeof fetch;
}

interface FetcherParams {
  query: string;
  variables?: unknown;
  operationName?: string | null;
}

interface FetcherOptions {
  headers?: Record<string, string>;
  documentAST?: DocumentNode;
}

/**
 * Makes the function by which GraphiQL sends an operation. It throws a readable error when the
 * answer is not JSON.
 */
export function createFetcher({ url, streamUrl, lastLogin, fetch }: FetcherDependencies) {
  return async (params: FetcherParams, options: FetcherOptions = {}): Promise<unknown> => {
    const { headers, variables } = lastLogin.fillIn({ headers: options.headers ?? {}, variables: params.variables });
    const filled = { ...params, variables };
    if (isSubscription(options.documentAST, params.operationName))
      return openStream({ url: streamUrl, headers, params: filled, fetch, readAnswer });
    const body = JSON.stringify(filled);
    const response = await fetch(url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept: 'application/graphql-response+json, application/json;q=0.9',
        ...headers,
      },
      body,
    });
    const result = await readAnswer(response);
    lastLogin.update(result, body);
    return result;
  };
}

function isSubscription(document: DocumentNode | undefined, name: string | null | undefined): boolean {
  const operations = (document?.definitions ?? []).filter((definition) => definition.kind === 'OperationDefinition');
  const chosen = operations.find((operation) => operation.name?.value === (name ?? undefined)) ?? operations[0];
  return chosen?.operation === 'subscription';
}

async function readAnswer(response: Response): Promise<unknown> {
  const text = await response.text();
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new Error(`The server answered ${response.status} without JSON: ${text.slice(0, 200)}`, { cause });
  }
}
