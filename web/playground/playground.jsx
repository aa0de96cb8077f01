import examples from 'playground:examples';
import { GraphiQL, HISTORY_PLUGIN } from 'graphiql';
import { DeviceStorage } from './device-storage';
import { EditorSettings } from './editor-settings.jsx';
import { EXAMPLES_PLUGIN } from './examples-panel.jsx';
import { createFetcher } from './fetcher';
import { LastLogin } from './last-login';
import { narrowScreen } from './narrow-screen';
import { TokenNote } from './token-note.jsx';

const lastLogin = new LastLogin({ now: () => new Date() });
const storage = new DeviceStorage(localStorageOrNull());
// Relative, so that the page also works behind a path prefix.
const fetcher = createFetcher({
  url: 'graphql',
  streamUrl: 'graphql/stream',
  lastLogin,
  fetch: globalThis.fetch.bind(globalThis),
});
const plugins = [EXAMPLES_PLUGIN, HISTORY_PLUGIN];
const tabs = examples.filter(({ tab }) => tab).map(({ query, variables }) => ({ query, variables }));
const headers = JSON.stringify({ Authorization: 'Bearer <token>' }, null, 2);
// GraphiQL fills the variables of the first tab from this prop only; a stored session brings its
// own.
const firstVariables = storage.getItem('graphiql:tabState') ? undefined : tabs[0]?.variables;

export function Playground() {
  return (
    <GraphiQL
      fetcher={fetcher}
      storage={storage}
      plugins={plugins}
      defaultTabs={tabs}
      defaultHeaders={headers}
      initialVariables={firstVariables}
      defaultEditorToolsVisibility={narrowScreen.matches ? 'variables' : 'headers'}
      shouldPersistHeaders={storage.isTrusted}
      showPersistHeadersSettings
    >
      <EditorSettings />
      <GraphiQL.Logo>Playground</GraphiQL.Logo>
      <GraphiQL.Footer>
        <TokenNote lastLogin={lastLogin} />
      </GraphiQL.Footer>
    </GraphiQL>
  );
}

function localStorageOrNull() {
  try {
    return globalThis.localStorage;
  } catch {
    return null; // a browser that blocks site data throws on access
  }
}
