import { useGraphiQL, useGraphiQLActions } from '@graphiql/react';
import { useEffect } from 'react';
import { narrowScreen } from './narrow-screen';

const columnOptions = {
  wordWrap: 'on',
  fontSize: 13,
  lineNumbers: 'off',
  folding: false,
  glyphMargin: false,
  lineDecorationsWidth: 0,
};

/** Settings of the editors that GraphiQL has no property for. Draws nothing. */
export function EditorSettings() {
  useColumnOptions();
  useNarrowOptions();
  useSystemTheme();
  return null;
}

/**
 * Variables and headers stand side by side (playground.css), and a token is long: both editors wrap
 * and drop their margins.
 */
function useColumnOptions() {
  const variableEditor = useGraphiQL((state) => state.variableEditor);
  const headerEditor = useGraphiQL((state) => state.headerEditor);
  useEffect(() => {
    variableEditor?.updateOptions(columnOptions);
    headerEditor?.updateOptions(columnOptions);
  }, [variableEditor, headerEditor]);
}

/** A narrow screen has no room for margins and for lines that go on to the right. */
function useNarrowOptions() {
  const queryEditor = useGraphiQL((state) => state.queryEditor);
  const responseEditor = useGraphiQL((state) => state.responseEditor);
  useEffect(() => {
    if (!narrowScreen.matches) return;
    queryEditor?.updateOptions(columnOptions);
    responseEditor?.updateOptions(columnOptions);
  }, [queryEditor, responseEditor]);
}

/**
 * Follows the system when it turns dark while the page is open; GraphiQL would recolour the frame
 * but not the editors.
 */
function useSystemTheme() {
  const theme = useGraphiQL((state) => state.theme);
  const { setTheme } = useGraphiQLActions();
  useEffect(() => {
    if (theme !== null) return;
    const system = globalThis.matchMedia('(prefers-color-scheme: dark)');
    const follow = () => setTheme(null);
    system.addEventListener('change', follow);
    return () => system.removeEventListener('change', follow);
  }, [theme, setTheme]);
}
