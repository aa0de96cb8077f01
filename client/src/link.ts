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
    const send = async (rejected?: string): Promise<void> => {
      const token = await session.accessToken(rejected);
      if (isOver) return;
      operation.setContext((context) => ({
        ...context,
        headers: { ...(context.headers as object), ...(token && { authorization: `Bearer ${token}` }) },
      }));
      let isRepeated = false;
      inner = forward(operation as never).subscribe({
        next: (value) => {
          isRepeated = rejected === undefined && token !== null && isRefused(value as Result, kind);
          if (isRepeated) start(token!);
          else observer.next(value);
        },
        error: (error) => observer.error(error),
        complete: () => {
          if (!isRepeated) observer.complete();
        },
      });
    };
    const start = (rejected?: string) => {
      send(rejected).catch((error: unknown) => observer.error(error));
    };
    start();
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
