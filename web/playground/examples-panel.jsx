import examples from 'playground:examples';
import { useGraphiQL, useGraphiQLActions } from '@graphiql/react';
import { narrowScreen } from './narrow-screen';

/**
 * The sidebar panel with every operation of the API; a click opens it in a tab, or goes to the tab
 * that has it.
 */
export const EXAMPLES_PLUGIN = { title: 'Examples', icon: ListIcon, content: ExamplesPanel };

function ExamplesPanel() {
  const { addTab, changeTab, setVisiblePlugin } = useGraphiQLActions();
  const tabs = useGraphiQL((state) => state.tabs);
  const queryEditor = useGraphiQL((state) => state.queryEditor);
  const variableEditor = useGraphiQL((state) => state.variableEditor);
  const open = ({ name, query, variables }) => {
    if (narrowScreen.matches) setVisiblePlugin(null); // the panel covers the editors
    const index = tabs.findIndex((tab) => tab.title === name);
    if (index >= 0) return changeTab(index);
    addTab();
    queryEditor.setValue(query);
    variableEditor.setValue(variables);
  };
  return (
    <section className="examples" aria-label="Examples">
      <h2>Examples</h2>
      <p>The documents of schema/operations. Login has the administrator of a first start in development.</p>
      {['mutation', 'query', 'subscription'].map((kind) => (
        <ul key={kind} aria-label={kind}>
          {examples
            .filter((example) => example.kind === kind)
            .map((example) => (
              <li key={example.name}>
                <button type="button" onClick={() => open(example)}>
                  <span className="examples-kind">{kind}</span> {example.name}
                </button>
              </li>
            ))}
        </ul>
      ))}
      <p>
        After a reload only theme and layout are still there. <b>Settings, Persist headers</b> keeps tabs, variables,
        headers and history in this browser, passwords and tokens included: for a device you trust.
      </p>
    </section>
  );
}

/** Hidden from readers of the screen: the button around it has the label. */
function ListIcon(props) {
  return (
    <svg
      aria-hidden="true"
      viewBox="0 0 16 16"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.5"
      strokeLinecap="round"
      {...props}
    >
      <path d="M6 3.5h8M6 8h8M6 12.5h8M2 3.5h.5M2 8h.5M2 12.5h.5" />
    </svg>
  );
}
