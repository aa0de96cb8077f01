// Brings dist/ up to date: what `npm start` and `npm test` call first. Runs on the system's Node as
// well as on the project's own.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
const dist = path.join(root, 'dist');
const stampFile = path.join(dist, '.build.json');
const tsc = path.join(root, 'node_modules/typescript/bin/tsc');
const playground = path.join(root, 'web/playground/build.mjs');
const consoleBuild = path.join(root, 'console/build.mjs');

/**
 * What dist/ holds, and the build of the client kit. A part is built when its `sources` have changed
 * since the stamp of its last build; where `isPossible` is false its packages are not installed.
 */
const parts = [
  {
    name: 'code',
    sources: async () => ['src', 'migrations', 'tsconfig.json', 'package-lock.json'],
    isSource: (file) => /\.([cm]?ts|json)$/.test(file),
    isPossible: true,
    output: 'dist/src/bundle/packages.js',
    build: compile,
  },
  {
    name: 'client',
    sources: async () => ['client/src', 'client/tsconfig.json', 'client/package.json', 'package-lock.json'],
    isPossible: isInstalled('@apollo/client', '@types/react') && fs.existsSync(path.join(root, 'client/src')),
    output: 'client/dist/package.json',
    build: buildClient,
  },
  {
    name: 'playground',
    sources: async () => (await import(pathToFileURL(playground).href)).playgroundSources,
    isPossible: fs.existsSync(playground),
    build: async () => (await import(pathToFileURL(playground).href)).buildPlayground(path.join(dist, 'playground')),
  },
  {
    name: 'console',
    sources: async () => (await import(pathToFileURL(consoleBuild).href)).consoleSources,
    isPossible: isInstalled('vite', '@mantine/core') && fs.existsSync(consoleBuild),
    output: 'dist/console/index.html',
    build: async () => (await import(pathToFileURL(consoleBuild).href)).buildConsole(path.join(dist, 'console')),
  },
];

await main();

async function main() {
  const startedAt = performance.now();
  if (!fs.existsSync(tsc)) {
    if (fs.existsSync(path.join(dist, 'src/main.js'))) return; // an image carries the build without the compiler
    process.stderr.write('There is no dist/ and the compiler is not installed: run `npm ci` and start again.\n');
    process.exitCode = 1;
    return;
  }
  const stamp = readStamp();
  const asked = process.argv.slice(2); // names of parts; all of them without one
  const wanted = parts.filter(({ name }) => asked.length === 0 || asked.includes(name));
  const stale = wanted.filter((part) => part.isPossible && isStale(part, stamp[part.name]));
  if (stale.length === 0) return;
  const results = await Promise.all(stale.map((part) => build(part, stamp)));
  fs.mkdirSync(dist, { recursive: true });
  fs.writeFileSync(stampFile, JSON.stringify(Object.assign({}, stamp, ...results)));
  if (results.some((result) => Object.values(result).includes(undefined))) process.exitCode = 1;
  else process.stdout.write(`built in ${((performance.now() - startedAt) / 1000).toFixed(1)} s\n`);
}

/** The stamp holds the sources too, since reading them from a build script takes as long as loading esbuild. */
function isStale({ output, isSource }, stamp) {
  return (
    !stamp?.sources ||
    stamp.state !== fingerprint(stamp.sources, isSource) ||
    (output !== undefined && !fs.existsSync(path.join(root, output)))
  );
}

/** @returns the part's new stamp, or undefined when it could not be built */
async function build({ name, sources, isSource, build: run }, stamp) {
  try {
    const list = await sources();
    // taken before anything is read, so that what changes meanwhile is built the next time
    const state = fingerprint(list, isSource);
    const succeeded = await run(stamp[name]);
    return { [name]: succeeded === false ? undefined : { sources: list, state } };
  } catch (error) {
    process.stderr.write(`The ${name} could not be built: ${error.stack}\n`);
    return { [name]: undefined };
  }
}

/** The modules, and the server as a bundle of them. */
async function compile(stamp) {
  const { bundleServer, removeBundle } = await import('./bundle.mjs');
  removeBundle(dist);
  // it may name files that no longer exist
  if (!stamp) fs.rmSync(path.join(dist, '.tsbuildinfo'), { force: true });
  if (!(await runCompiler('tsconfig.json'))) return false;
  await bundleServer(dist);
  return true;
}

/**
 * What `npm pack ./client/dist` packs. Its manifest alone names the peers: in that of the workspace they
 * would be packages of a production install of the server.
 */
async function buildClient() {
  if (!(await runCompiler('client/tsconfig.json'))) return false;
  const {
    private: _,
    devDependencies,
    publishConfig,
    exports,
    ...manifest
  } = JSON.parse(fs.readFileSync(path.join(root, 'client/package.json'), 'utf8'));
  const { peerDependencies } = publishConfig;
  const published = {
    ...manifest,
    exports: JSON.parse(JSON.stringify(exports).replaceAll('./dist/', './')),
    peerDependencies,
    peerDependenciesMeta: Object.fromEntries(Object.keys(peerDependencies).map((name) => [name, { optional: true }])),
  };
  fs.writeFileSync(path.join(root, 'client/dist/package.json'), JSON.stringify(published, null, 2));
  return true;
}

/** The compiler prints its errors itself. */
async function runCompiler(project) {
  const child = spawn(process.execPath, [tsc, '-p', path.join(root, project)], {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  const [status] = await once(child, 'close');
  return status === 0;
}

function isInstalled(...packages) {
  return packages.every((name) => fs.existsSync(path.join(root, 'node_modules', name, 'package.json')));
}

function readStamp() {
  try {
    return JSON.parse(fs.readFileSync(stampFile, 'utf8'));
  } catch {
    return {};
  }
}

/**
 * Names, sizes and times of all the files: it also changes when one is deleted or replaced by an
 * older one.
 */
function fingerprint(sources, isSource = () => true) {
  const entries = [];
  const visit = (relative) => {
    const stats = fs.statSync(path.join(root, relative), { throwIfNoEntry: false });
    if (stats?.isDirectory())
      for (const name of fs.readdirSync(path.join(root, relative)).sort()) visit(path.join(relative, name));
    else if (stats && isSource(relative)) entries.push(`${relative}:${stats.size}:${stats.mtimeMs}`);
  };
  for (const source of sources) visit(source);
  return createHash('sha256').update(entries.join('\n')).digest('hex');
}
