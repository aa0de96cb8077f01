// What the playground may import from GraphiQL and React. Run `npm run graphiql:build` after a change.
import workers from 'graphiql-dist:workers';
import 'graphiql/style.css';

export { useGraphiQL, useGraphiQLActions } from '@graphiql/react';
export * from 'graphiql';
export {
  Fragment,
  useCallback,
  useEffect,
  useId,
  useMemo,
  useReducer,
  useRef,
  useState,
  useSyncExternalStore,
} from 'react';
export { jsx, jsxs } from 'react/jsx-runtime';
export { createRoot } from 'react-dom/client';

globalThis.MonacoEnvironment = {
  getWorker: (_id, label) =>
    new Worker(new URL(workers[`${label}.worker.js`] ?? workers['editor.worker.js'], import.meta.url)),
};
