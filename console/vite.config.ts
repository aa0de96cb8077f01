import path from 'node:path';
import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin } from 'vite';
import { operationAccess } from './operation-access.ts';

const root = path.resolve(import.meta.dirname, '..');
/** The server that `npm run console:dev` talks to. */
const server = process.env.CONSOLE_SERVER ?? 'http://localhost:9000';

export default defineConfig({
  root: import.meta.dirname,
  // relative to <base>, which the server fills in: the console may be behind a path prefix
  base: './',
  // from its source: one build, and hot reload
  resolve: {
    alias: [
      { find: /^graphql-identity-client$/, replacement: path.join(root, 'client/src/index.ts') },
      { find: /^graphql-identity-client\//, replacement: path.join(root, 'client/src/') },
    ],
  },
  plugins: [react(), operationsModule(), developmentBase()],
  build: {
    outDir: path.join(root, 'dist/console'),
    emptyOutDir: true,
    target: 'es2022',
    // a data: URL would be an exception of the content security policy
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    rolldownOptions: { checks: { pluginTimings: false }, output: { hashCharacters: 'base36' } },
  },
  server: {
    port: 5173,
    proxy: Object.fromEntries(['/graphql', '/health', '/.well-known'].map((prefix) => [prefix, { target: server }])),
  },
});

/** `virtual:operations`: what each operation needs, from the descriptions of the schema. */
function operationsModule(): Plugin {
  const name = 'virtual:operations';
  return {
    name: 'operations',
    resolveId: (id) => (id === name ? `\0${name}` : undefined),
    load(id) {
      if (id !== `\0${name}`) return undefined;
      const schemaFile = path.join(root, 'schema/schema.graphql');
      this.addWatchFile(schemaFile);
      return `export default ${JSON.stringify(operationAccess(schemaFile))}`;
    },
  };
}

/** The development server answers at the root. */
function developmentBase(): Plugin {
  return { name: 'base', apply: 'serve', transformIndexHtml: (html) => html.replace('{{base}}', '/') };
}
