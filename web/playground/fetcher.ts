import type { LastLogin } from './last-login';

interface FetcherDependencies {
  url: string;
  lastLogin: LastLogin;
  fetch: typeof fetch;
}

interface FetcherParams {
  query: string;
  variables?: unknown;
  operationName?: string | null;
}

/**
 * Makes the function by which GraphiQL sends an operation. It throws a readable error when the
 * answer is not JSON.
 */
export function createFetcher({ url, lastLogin, fetch }: FetcherDependencies) {
  return async (params: FetcherParams, options?: { headers?: Record<string, string> }): Promise<unknown> => {
    const { headers, variables } = lastLogin.fillIn({ headers: options?.headers ?? {}, variables: params.variables });
    const body = JSON.stringify({ ...params, variables });
    const response = await fetch(url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept: 'application/graphql-response+json, application/json;q=0.9',
        ...headers,
      },
      body,
    });
    const result = parseJson(await response.text(), response.status);
    lastLogin.update(result, body);
    return result;
  };
}

function parseJson(text: string, status: number): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new Error(`The server answered ${status} without JSON: ${text.slice(0, 200)}`, { cause });
  }
}
