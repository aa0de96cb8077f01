import fs from 'node:fs';
import { isBuiltin } from 'node:module';
import path from 'node:path';
import { build } from 'esbuild';

/** Packages that load files of their own: native code, worker threads, pages. */
const LOADED_AS_THEY_ARE = ['bcrypt', 'piscina', 'pg-native', 'class-validator'];

/**
 * Makes two files of the compiled server, since reading and linking two thousand takes half of a start:
 * `dist/src/bundle/server.js` with its source map, and `packages.js`, all that it requires from node_modules. The
 * folder is as deep as those of the modules, so that paths from `__dirname` hold.
 * @param {string} dist where the compiler has written
 */
export async function bundleServer(dist) {
  const folder = path.join(dist, 'src/bundle');
  const required = new Set();
  const common = {
    absWorkingDir: dist,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node24',
    external: LOADED_AS_THEY_ARE,
    legalComments: 'none',
    logLevel: 'warning',
  };
  await build({
    ...common,
    entryPoints: ['src/server.js'],
    outfile: path.join(folder, 'server.js'),
    sourcemap: true,
    sourcesContent: false,
    plugins: [requireFromPackages(required)],
  });
  const members = [...required].sort().map((name) => `${JSON.stringify(name)}: () => require(${JSON.stringify(name)})`);
  await build({
    ...common,
    stdin: { contents: `module.exports = { ${members.join(', ')} };`, resolveDir: dist },
    outfile: path.join(folder, 'packages.js'),
    minifyWhitespace: true,
  });
}

/** Removes the bundle, so that none is left of sources that do not compile. */
export const removeBundle = (dist) => fs.rmSync(path.join(dist, 'src/bundle'), { recursive: true, force: true });

/** Resolves what the server requires to members of packages.js; what it imports later stays a file of its own. */
const requireFromPackages = (required) => ({
  name: 'packages',
  setup: (esbuild) => {
    esbuild.onResolve({ filter: /^[^./]/ }, ({ path: name, kind }) => {
      if (kind === 'entry-point' || isBuiltin(name) || LOADED_AS_THEY_ARE.includes(name)) return undefined;
      if (kind !== 'require-call') return { path: name, external: true };
      required.add(name);
      return { path: name, namespace: 'package' };
    });
    esbuild.onResolve({ filter: /^\.\/packages\.js$/, namespace: 'package' }, ({ path: file }) => ({
      path: file,
      external: true,
    }));
    esbuild.onLoad({ filter: /./, namespace: 'package' }, ({ path: name }) => ({
      contents: `module.exports = require('./packages.js')[${JSON.stringify(name)}]();`,
      resolveDir: '/',
    }));
  },
});
