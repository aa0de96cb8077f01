import { useApolloClient } from '@apollo/client/react';
import { useDebouncedCallback } from '@mantine/hooks';
import { print } from 'graphql';
import { useHasScope, useSession } from 'graphql-identity-client/react';
import { useEffect } from 'react';
import { SecurityEventsDocument } from '../generated/operations';

const RETRY_MS = 1000;

/** Reads again what the open page shows, when the streams say that something has changed. */
export function useLive(): void {
  const client = useApolloClient();
  const { session } = useSession();
  const readsAudit = useHasScope('READ_AUDIT_LOG');
  const refresh = useDebouncedCallback(() => void client.refetchQueries({ include: 'active' }).catch(() => undefined), {
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
    let timer: ReturnType<typeof setTimeout> | undefined;
    // the first requests after "online" can still fail
    const catchUp = (tries = 5): void => {
      client.refetchQueries({ include: 'active' }).catch(() => {
        if (tries > 0) timer = setTimeout(catchUp, RETRY_MS, tries - 1);
      });
    };
    const onOnline = () => catchUp();
    window.addEventListener('online', onOnline);
    return () => {
      clearTimeout(timer);
      window.removeEventListener('online', onOnline);
    };
  }, [client]);
}
