import workers from 'playground:workers';
import { createRoot } from 'react-dom/client';
import { Playground } from './playground.jsx';
import 'graphiql/style.css';
import './playground.css';

const files = { graphql: 'graphql.worker.js', json: 'json.worker.js' };
globalThis.MonacoEnvironment = {
  getWorker: (_id, label) => new Worker(new URL(workers[files[label] ?? 'editor.worker.js'], import.meta.url)),
};

createRoot(document.getElementById('playground')).render(<Playground />);
