import { ApolloLink, Observable } from '@apollo/client';
import { runOperation } from './link.js';
import type { Session } from './types.js';

/** The link of Apollo Client 4 between the cache and an HttpLink. */
export function createSessionLink(session: Session): ApolloLink {
  return new ApolloLink(
    (operation, forward) => new Observable<never>(runOperation(session, operation as never, forward)),
  );
}
