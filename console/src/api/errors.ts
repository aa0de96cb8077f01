import { IdentityError } from 'graphql-identity-client';

interface Problem {
  field: string;
  message: string;
}

/** What the person at the screen has to know of an error. */
export interface Failure {
  /** A code of the API, or `NETWORK` when the server was not reached. */
  code: string;
  /** By the server, in the language of the page. */
  message: string;
  problems: Problem[];
}

interface GraphqlError {
  message: string;
  extensions?: Record<string, unknown>;
}

/** Reads an error of the session, or of Apollo Client, which is not loaded on the first page. */
export function failureOf(error: unknown): Failure {
  if (error instanceof IdentityError) return failure(error.message, { ...error.extensions, code: error.code });
  const [first] = (error as { errors?: GraphqlError[] }).errors ?? [];
  if (first) return failure(first.message, first.extensions);
  return { code: 'NETWORK', message: '', problems: [] };
}

const failure = (message: string, { code, problems }: Record<string, unknown> = {}): Failure => ({
  code: String(code ?? 'INTERNAL_SERVER_ERROR'),
  message,
  problems: Array.isArray(problems) ? problems : [],
});
