import { print } from 'graphql';
import type { Session, StreamListener } from './types.js';

/** What the two versions of Apollo Client have in common. */
interface Observer {
  next(value: unknown): void;
  error(error: unknown): void;
  complete(): void;
}

interface Subscribable {
  subscribe(observer: Observer): { unsubscribe(): void };
}

interface LinkOperation {
  query: Parameters<typeof print>[0] & { definitions: readonly unknown[] };
  variables: Record<string, unknown>;
  operationName?: string | undefined;
  setContext(change: (context: Record<string, unknown>) => Record<string, unknown>): unknown;
}

type Kind = 'query' | 'mutation' | 'subscription';

interface Result {
  data?: Record<string, unknown> | null;
  errors?: readonly { extensions?: Record<string, unknown> }[];
}

/**
 * Sends the access token with every operation, and an operation whose token has been refused once more
 * after a refresh. Subscriptions go to the stream of the session.
 */
export function runOperation(
  session: Session,
  operation: LinkOperation,
  forward: (operation: never) => Subscribable,
): (observer: Observer) => () => void {
  const kind = kindOf(operation);
  if (kind === 'subscription') return (observer) => session.watch(requestOf(operation), toListener(observer));
  return (observer) => {
    let inner: { unsubscribe(): void } | undefined;
    let isOver = false;
    const fail = (error: unknown) => observer.error(error);
    const send = (token: string | null, isRepeated: boolean): void => {
      if (isOver) return;
      operation.setContext(({ headers, ...context }) => ({
        ...context,
        headers: { ...(headers as object), ...(token && { authorization: `Bearer ${token}` }) },
      }));
      let refused: unknown;
      inner = forward(operation as never).subscribe({
        next: (value) => {
          if (!isRepeated && token && isRefused(value as Result, kind)) refused = value;
          else observer.next(value);
        },
        error: fail,
        complete: () => {
          if (refused === undefined) return observer.complete();
          session.accessToken(token!).then((next) => {
            if (next) return send(next, true);
            observer.next(refused);
            observer.complete();
          }, fail);
        },
      });
    };
    session.accessToken().then((token) => send(token, false), fail);
    return () => {
      isOver = true;
      inner?.unsubscribe();
    };
  };
}

/** Whether the operation can be sent again: a mutation only while nothing of it was done. */
function isRefused({ errors, data }: Result, kind: Kind): boolean {
  if (!errors?.some(({ extensions }) => extensions?.code === 'UNAUTHENTICATED')) return false;
  return kind === 'query' || Object.values(data ?? {}).every((value) => value === null);
}

const kindOf = ({ query }: LinkOperation): Kind =>
  (query.definitions as { kind: string; operation?: Kind }[]).find(({ kind }) => kind === 'OperationDefinition')!
    .operation!;

const requestOf = ({ query, variables, operationName }: LinkOperation) => ({
  query: print(query),
  variables,
  operationName,
});

const toListener = (observer: Observer): StreamListener => ({
  next: (result) => observer.next(result),
  error: (error) => observer.error(error),
});
