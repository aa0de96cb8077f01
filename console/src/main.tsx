import './app/first-page.css';
import './app/app.css';
import { MantineProvider } from '@mantine/core';
import { IdentityProvider } from 'graphql-identity-client/react';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { BrowserRouter } from 'react-router';
import { ErrorBoundary } from './app/error-boundary';
import { Pages } from './app/pages';
import { theme } from './app/theme';
import { startTranslations } from './i18n/i18n';
import { session } from './session/session';

await startTranslations();
createRoot(document.getElementById('root')!).render(
  <StrictMode>
    <MantineProvider theme={theme} defaultColorScheme="auto">
      <ErrorBoundary>
        <IdentityProvider session={session}>
          <BrowserRouter basename={new URL(document.baseURI).pathname.replace(/(?<=.)\/$/, '')}>
            <Pages />
          </BrowserRouter>
        </IdentityProvider>
      </ErrorBoundary>
    </MantineProvider>
  </StrictMode>,
);
