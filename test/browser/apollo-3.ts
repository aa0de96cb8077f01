import type { Plugin } from 'esbuild';

/** Version 3 is installed under a name of its own; its main entry holds React. */
export const apollo3: Plugin = {
  name: 'apollo-3',
  setup: (builder) => {
    builder.onResolve({ filter: /^@apollo\/client(\/|$)/ }, ({ path: name, kind }) => {
      const core = name === '@apollo/client' || name === '@apollo/client/core';
      const installed = core ? '@apollo/client-3/core' : name.replace('client', 'client-3');
      return builder.resolve(installed, { resolveDir: process.cwd(), kind });
    });
    builder.onResolve({ filter: /^graphql-identity-client\/apollo$/ }, ({ path: name, kind }) =>
      builder.resolve(`${name}3`, { resolveDir: process.cwd(), kind }),
    );
  },
};
