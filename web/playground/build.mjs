import { createHash } from 'node:crypto';
import { cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { build } from 'esbuild';
import { loadExamples } from './examples.mjs';

const here = path.dirname(fileURLToPath(import.meta.url));
const root = path.resolve(here, '../..');
const require = createRequire(import.meta.url);

/**
 * Everything the two pages are made of, relative to the project: a build is stale when one of these
 * is newer than its output.
 */
export const playgroundSources = [
  'web/playground',
  'web/api-docs',
  'schema/operations',
  'schema/schema.graphql',
  'package-lock.json',
];

/**
 * Bundles the playground into `outDir` and the API reference into its sibling `api-docs`: an
 * index.html each, and assets whose names carry a hash of their content, so that they can be cached
 * for ever. Nothing is fetched from elsewhere at run time.
 *
 * @param {string} outDir for example `dist/playground`; its index.html and assets are replaced
 * @throws when an operation document does not parse or a package is missing
 */
export async function buildPlayground(outDir) {
  const out = path.resolve(outDir);
  await buildIde(out);
  await buildApiDocs(path.join(path.dirname(out), 'api-docs'));
}

/** The imports that graphiql-dist answers, all of them with one file. */
const graphiqlDist = /^(graphiql|@graphiql\/react|react|react-dom\/client|react\/jsx-runtime)$/;

const hashed = {
  absWorkingDir: root,
  outbase: here,
  entryNames: '[name]-[hash]',
  chunkNames: '[name]-[hash]',
  assetNames: '[name]-[hash]',
  metafile: true,
  logLevel: 'warning',
};

/**
 * GraphiQL and React come ready-made from graphiql-dist (web/graphiql): only the page's own code is
 * bundled here.
 */
async function buildIde(out) {
  const outdir = path.join(out, 'assets');
  await empty(out, outdir);
  const graphiql = path.dirname(require.resolve('graphiql-dist/package.json'));
  const { assets } = JSON.parse(await readFile(path.join(graphiql, 'package.json'), 'utf8'));
  await cp(path.join(graphiql, 'assets'), outdir, { recursive: true });
  const examples = loadExamples({
    operationsDir: path.join(root, 'schema/operations'),
    schemaFile: path.join(root, 'schema/schema.graphql'),
  });
  const page = await build({
    ...hashed,
    outdir,
    bundle: true,
    minify: true,
    format: 'esm',
    target: 'es2022',
    jsx: 'automatic',
    loader: { '.svg': 'copy' },
    entryPoints: { playground: path.join(here, 'main.jsx'), icon: path.join(here, 'icon.svg') },
    plugins: [virtualModule('playground:examples', examples), externalFile(graphiqlDist, `./${assets['graphiql.js']}`)],
  });
  await compress(outdir);
  await fillIn(path.join(here, 'index.html'), path.join(out, 'index.html'), { ...outputsByName(page), ...assets });
}

/**
 * Swagger UI ships ready-made bundles: they are copied as they are, only their names get the hash.
 */
async function buildApiDocs(out) {
  const outdir = path.join(out, 'assets');
  await empty(out, outdir);
  const dist = path.dirname(require.resolve('swagger-ui-dist/package.json'));
  const copied = await build({
    ...hashed,
    outdir,
    loader: { '.js': 'copy', '.css': 'copy', '.svg': 'copy' },
    entryPoints: {
      'swagger-ui': path.join(dist, 'swagger-ui.css'),
      'swagger-ui-bundle': path.join(dist, 'swagger-ui-bundle.js'),
      'api-docs': path.join(root, 'web/api-docs/main.js'),
      icon: path.join(here, 'icon.svg'),
    },
  });
  const texts = ['LICENSE', 'NOTICE', 'swagger-ui-bundle.js.LICENSE.txt'].map((file) =>
    readFile(path.join(dist, file), 'utf8'),
  );
  const licenceFile = await writeHashed(outdir, 'LICENSES.txt', (await Promise.all(texts)).join('\n\n'));
  await compress(outdir);
  await fillIn(path.join(root, 'web/api-docs/index.html'), path.join(out, 'index.html'), {
    ...outputsByName(copied),
    ...licenceFile,
  });
}

/** Removes what an earlier build left, and nothing else that may be in the folder. */
async function empty(out, assets) {
  await rm(assets, { recursive: true, force: true });
  await rm(path.join(out, 'index.html'), { force: true });
  await mkdir(assets, { recursive: true });
}

function virtualModule(name, value) {
  return {
    name,
    setup(builder) {
      builder.onResolve({ filter: new RegExp(`^${name}$`) }, () => ({ path: name, namespace: name }));
      builder.onLoad({ filter: /.*/, namespace: name }, () => ({ contents: JSON.stringify(value), loader: 'json' }));
    },
  };
}

/** Leaves the imports that `specifiers` matches to the browser, which loads `file` for them. */
function externalFile(specifiers, file) {
  return {
    name: file,
    setup: (builder) => builder.onResolve({ filter: specifiers }, () => ({ path: file, external: true })),
  };
}

/** `{ 'playground.js': 'playground-AB12CD34.js', … }` for the entry points of a build. */
function outputsByName({ metafile }) {
  const files = Object.keys(metafile.outputs).map((file) => path.basename(file));
  return Object.fromEntries(files.map((file) => [file.replace(/-[A-Z0-9]{8}(?=\.\w+$)/, ''), file]));
}

async function writeHashed(folder, name, text) {
  const hash = createHash('sha256').update(text).digest('hex').slice(0, 8).toUpperCase();
  const { name: stem, ext } = path.parse(name);
  const file = `${stem}-${hash}${ext}`;
  await writeFile(path.join(folder, file), text);
  return { [name]: file };
}

/**
 * Writes the page: `{{name.js}}` becomes the hashed name. Written last, so a page never points to
 * files that are not there yet.
 */
async function fillIn(template, target, names) {
  const html = (await readFile(template, 'utf8')).replace(/\{\{([\w.-]+\.\w+)\}\}/g, (_, name) => {
    if (!names[name]) throw new Error(`${template} asks for ${name}, which the build did not produce`);
    return names[name];
  });
  await writeFile(target, html);
}

async function compress(folder) {
  const files = (await readdir(folder)).filter((file) => /\.(js|css|txt|svg)$/.test(file));
  const compressFile = async (file) => {
    const content = await readFile(path.join(folder, file));
    await writeFile(path.join(folder, `${file}.gz`), await promisify(gzip)(content, { level: 9 }));
  };
  await Promise.all(files.map(compressFile));
}

if (process.argv[1] && import.meta.url === pathToFileURL(path.resolve(process.argv[1])).href) {
  await buildPlayground(process.argv[2] ?? path.join(root, 'dist/playground'));
}
