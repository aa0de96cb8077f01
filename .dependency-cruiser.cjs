// Imports point one way: http → graphql or rest → services → security, stores, queries, database. `npm run check`
// fails on an import that this table does not list, and on every cycle outside the entities.

/** Each part of src/, from the top to the bottom, and what it may import besides itself and packages. */
// biome-ignore format: a row for each part
const mayImport = {
  'main.ts': ['runtime', 'server.ts'],
  'server.ts': ['app.ts', 'config', 'errors', 'http', 'observability', 'runtime'],
  'app.ts': ['config', 'database', 'errors', 'http', 'integrations', 'runtime', 'security', 'services', 'stores', 'wiring', 'observability'],
  cli: ['config', 'database', 'errors', 'graphql', 'integrations', 'queries', 'runtime', 'security', 'services', 'stores'],
  wiring: ['config', 'database', 'errors', 'graphql', 'http', 'integrations', 'queries', 'rest', 'security', 'services', 'stores', 'observability'],
  runtime: ['config'],
  http: ['config', 'errors', 'graphql', 'integrations', 'security', 'services/caller.ts', 'text', 'observability'],
  rest: ['errors', 'graphql', 'security', 'services/caller.ts', 'http/request-caller.ts', 'http/kong-trust.ts'],
  graphql: ['config', 'errors', 'security', 'services', 'database/availability.ts', 'observability'],
  services: ['config', 'database', 'entities', 'errors', 'integrations', 'queries', 'security', 'stores', 'observability'],
  security: ['config', 'database', 'errors', 'queries', 'stores', 'observability'],
  queries: ['database', 'security/scopes.ts'],
  database: ['config', 'embedded-postgres', 'entities', 'errors', 'queries', 'observability'],
  integrations: ['config', 'errors', 'text', 'observability'],
  stores: ['config', 'errors', 'observability'],
  observability: [],
  entities: [],
  'embedded-postgres': [],
  errors: [],
  text: [],
  // rules that the environment is checked by too
  config: ['integrations/mail/address.ts', 'security/scopes.ts', 'security/tokens/private-key.ts', 'security/username-rule.ts', 'observability/tracing/samplers.ts'],
};

/** Single files that may import more than their folder, each for a reason. */
const exceptions = {
  // the first administrator is made by the rules for every user
  'database/seed.ts': ['security', 'services/validation.ts', 'services/users/administrator-check.ts'],
  // the entry point of MikroORM's own command line
  'database/mikro-orm.config.ts': ['runtime/node-version.ts'],
};

const pattern = (part) => `^src/${part.replaceAll('.', '\\.')}${part.endsWith('.ts') ? '$' : '/'}`;
const onlyTo = (name, from, allowed) => ({
  name: `imports-of-${name}`,
  severity: 'error',
  from,
  to: { path: '^src/', pathNot: allowed.map(pattern) },
});

module.exports = {
  forbidden: [
    {
      name: 'no-cycles',
      comment: 'The entities name each other, as their tables do; nothing else may.',
      severity: 'error',
      from: { pathNot: '^src/entities/' },
      to: { circular: true },
    },
    {
      name: 'known-folder',
      comment: 'A new folder gets a row in the table of .dependency-cruiser.cjs.',
      severity: 'error',
      from: {},
      to: { path: '^src/', pathNot: Object.keys(mayImport).map(pattern) },
    },
    {
      name: 'client-stands-alone',
      comment: 'The client kit is installed without the server.',
      severity: 'error',
      from: { path: '^client/' },
      to: { path: '^(src|test|migrations)/' },
    },
    {
      name: 'console-uses-the-api',
      comment: 'The console knows the server by its public API and the client kit only.',
      severity: 'error',
      from: { path: '^console/' },
      to: { path: '^(src|test|migrations|web)/' },
    },
    ...Object.entries(mayImport).map(([part, others]) =>
      onlyTo(part, { path: pattern(part), pathNot: Object.keys(exceptions).map(pattern) }, [part, ...others]),
    ),
    ...Object.entries(exceptions).map(([file, others]) => {
      const [folder] = file.split('/');
      return onlyTo(file, { path: pattern(file) }, [folder, ...mayImport[folder], ...others]);
    }),
  ],
  options: { parser: 'swc', doNotFollow: { path: 'node_modules' } },
};
