import { createClient } from 'graphql-sse';

interface StreamRequest {
  url: string;
  headers: Record<string, string>;
  params: { query: string; variables?: unknown; operationName?: string | null };
  fetch: typeof fetch;
  /** Reads an answer that is no stream. @throws Error when it is not JSON */
  readAnswer(response: Response): Promise<unknown>;
}

/**
 * The results of a subscription as GraphiQL takes them. A subscription that the server refuses has
 * one result, the errors of the answer.
 */
export function openStream({ url, headers, params, fetch, readAnswer }: StreamRequest): AsyncIterableIterator<unknown> {
  const client = createClient({ url, headers, retryAttempts: 0, fetchFn: fetch });
  const { query, variables, operationName } = params;
  const results = client.iterate({
    query,
    variables: variables as Record<string, unknown>,
    operationName: operationName ?? undefined,
  });
  const stream: AsyncIterableIterator<unknown> = {
    next: () =>
      results.next().catch(async (error: unknown) => {
        const { response } = error as { response?: Response };
        if (!response) throw error;
        return { value: await readAnswer(response), done: false };
      }),
    return: async () => {
      client.dispose();
      return { value: undefined, done: true };
    },
    [Symbol.asyncIterator]: () => stream,
  };
  return stream;
}
