import '@mantine/core/styles.css';
import '@mantine/notifications/styles.css';
import { ApolloProvider } from '@apollo/client/react';
import { ModalsProvider } from '@mantine/modals';
import { Notifications } from '@mantine/notifications';
import { Outlet } from 'react-router';
import { session } from '../session/session';
import { createClient } from './client';

const client = createClient(session);

/** What the pages that use the API stand in: its client, dialogs and notices. */
export function WithApi() {
  return (
    <ApolloProvider client={client}>
      <ModalsProvider>
        <Notifications position="top-right" />
        <Outlet />
      </ModalsProvider>
    </ApolloProvider>
  );
}
