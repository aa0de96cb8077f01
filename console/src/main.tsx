import './app/first-page.css';
import './app/app.css';
import { MantineProvider } from '@mantine/core';
import { createSession } from 'graphql-identity-client';
import { IdentityProvider } from 'graphql-identity-client/react';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { BrowserRouter } from 'react-router';
import { apiUrl } from './api/address';
import { ErrorBoundary } from './app/error-boundary';
import { Pages } from './app/pages';
import { cssVariablesResolver, theme } from './app/theme';
import { currentLanguage, startTranslations } from './i18n/i18n';

await startTranslations();
const session = createSession({
  url: apiUrl('graphql'),
  headers: {
    // read for each request: the language of the page can be changed
    get 'accept-language'() {
      return currentLanguage();
    },
  },
});
createRoot(document.getElementById('root')!).render(
  <StrictMode>
    <MantineProvider theme={theme} cssVariablesResolver={cssVariablesResolver} defaultColorScheme="auto">
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
