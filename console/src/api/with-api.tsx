import '@mantine/core/styles.css';
import '@mantine/notifications/styles.css';
import { ApolloProvider } from '@apollo/client/react';
import { ModalsProvider } from '@mantine/modals';
import { Notifications } from '@mantine/notifications';
import { useSession } from 'graphql-identity-client/react';
import { Outlet } from 'react-router';
import { clientOf } from './client';

/** What the pages that use the API stand in: its client, dialogs and notices. */
export function WithApi() {
  const { session } = useSession();
  const client = clientOf(session);
  return (
    <ApolloProvider client={client}>
      <ModalsProvider>
        <Notifications position="bottom-right" />
        <Outlet />
      </ModalsProvider>
    </ApolloProvider>
  );
}
