import { useApolloClient } from '@apollo/client/react';
import { useDebouncedCallback } from '@mantine/hooks';
import { print } from 'graphql';
import { useHasScope, useSession } from 'graphql-identity-client/react';
import { useEffect } from 'react';
import { SecurityEventsDocument } from '../generated/operations';

/** Reads again what the open page shows, when the streams say that something has changed. */
export function useLive(): void {
  const client = useApolloClient();
  const { session } = useSession();
  const readsAudit = useHasScope('READ_AUDIT_LOG');
  const refresh = useDebouncedCallback(() => client.refetchQueries({ include: 'active' }), {
    delay: 150,
    leading: true,
  });

  useEffect(() => session.onAccountChanged(() => refresh()), [session, refresh]);
  useEffect(() => {
    if (!readsAudit) return;
    return session.watch(
      { query: print(SecurityEventsDocument) },
      { next: () => refresh(), reconnected: () => refresh() },
    );
  }, [session, readsAudit, refresh]);
  useEffect(() => {
    window.addEventListener('online', refresh);
    return () => window.removeEventListener('online', refresh);
  }, [refresh]);
}
