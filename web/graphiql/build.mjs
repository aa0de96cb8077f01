// Packs graphiql-dist.tgz; with --check it only compares the installed package with a new build.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { build } from 'esbuild';
import { inputsHash } from './inputs.mjs';

const here = import.meta.dirname;
const installed = path.resolve(here, '../../node_modules/graphiql-dist');
const require = createRequire(import.meta.url);
const { name, version, description, license } = JSON.parse(fs.readFileSync(path.join(here, 'package.json'), 'utf8'));

/**
 * The language service takes variables and input fields with a default for required, and underlines
 * requests that are valid (GraphQL specification, section 3.10).
 */
const CORRECTIONS = {
  'getVariablesJSONSchema.js': [['if (fieldRequired) {', 'if (fieldRequired && field.defaultValue === undefined) {']],
  'collectVariables.js': [
    ['for (const { variable, type } of', 'for (const { variable, type, defaultValue } of'],
    [
      'typeFromAST(schema, type)',
      'typeFromAST(schema, defaultValue && type.kind === Kind.NON_NULL_TYPE ? type.type : type)',
    ],
  ],
};
const corrections = {
  name: 'corrections',
  setup: (builder) =>
    builder.onLoad(
      { filter: /graphql-language-service.esm.utils.(getVariablesJSONSchema|collectVariables)\.js$/ },
      correct,
    ),
};

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'graphiql-dist-'));
try {
  await bundle(folder);
  if (process.argv.includes('--check')) assertSameFiles(installed, folder);
  else pack(folder);
} finally {
  fs.rmSync(folder, { recursive: true });
}

/**
 * Writes the package: `assets/`, whose names carry a hash of their content, and a package.json that
 * names those that a page refers to.
 */
async function bundle(target) {
  const options = {
    absWorkingDir: here,
    outdir: path.join(target, 'assets'),
    entryNames: '[name]-[hash]',
    chunkNames: '[name]-[hash]',
    assetNames: '[name]-[hash]',
    bundle: true,
    minify: true,
    metafile: true,
    target: 'es2022',
    define: { 'process.env.NODE_ENV': '"production"' },
    loader: { '.ttf': 'file' },
    external: ['graphql-ws'], // only GraphiQL's own fetcher imports it, and the playground has another one
    legalComments: 'none', // LICENSES.txt has the licences whole
    logLevel: 'warning',
  };
  // A worker is one classic script: a module worker cannot start from a chunk that the page loaded.
  const workers = await build({
    ...options,
    format: 'iife',
    plugins: [corrections],
    entryPoints: {
      'editor.worker': require.resolve('monaco-editor/esm/vs/editor/editor.worker.js'),
      'json.worker': require.resolve('monaco-editor/esm/vs/language/json/json.worker.js'),
      'graphql.worker': path.join(
        path.dirname(require.resolve('monaco-graphql/package.json')),
        'esm/graphql.worker.js',
      ),
    },
  });
  const main = await build({
    ...options,
    format: 'esm',
    splitting: true,
    entryPoints: { graphiql: path.join(here, 'entry.js') },
    plugins: [virtualModule('graphiql-dist:workers', filesByName(workers, /\.worker-/)), corrections],
  });
  assertOwnPackages([workers, main]);
  const assets = {
    ...filesByName(main, /^graphiql-/),
    ...writeHashed(options.outdir, 'LICENSES.txt', licences([workers, main])),
  };
  removeUnusedStyles(options.outdir, assets);
  const manifest = { name, version, description, license, inputs: inputsHash(), assets };
  fs.writeFileSync(path.join(target, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
}

/** @throws Error when a correction no longer fits the file */
function correct({ path: file }) {
  let contents = fs.readFileSync(file, 'utf8');
  for (const [wrong, right] of CORRECTIONS[path.basename(file)]) {
    if (!contents.includes(wrong)) throw new Error(`${file} has changed: see CORRECTIONS`);
    contents = contents.replace(wrong, right);
  }
  return { contents, loader: 'js' };
}

function pack(source) {
  const [{ filename, unpackedSize, size }] = JSON.parse(
    execFileSync('npm', ['pack', '--json', '--pack-destination', here], { cwd: source, encoding: 'utf8' }),
  );
  fs.renameSync(path.join(here, filename), path.join(here, 'graphiql-dist.tgz'));
  process.stdout.write(`graphiql-dist.tgz: ${megabytes(size)} packed, ${megabytes(unpackedSize)} installed\n`);
}

function assertSameFiles(first, second) {
  const [ours, theirs] = [first, second].map(contentsOf);
  const names = Object.keys({ ...ours, ...theirs });
  const different = names.filter((file) => ours[file] !== theirs[file]);
  if (different.length === 0) return;
  process.stderr.write(`graphiql-dist is not a build of web/graphiql: ${different.join(', ')}\n`);
  process.exitCode = 1;
}

/** The files of a folder, by relative path. */
function contentsOf(root) {
  const entries = fs.readdirSync(root, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const files = entries.map((entry) => path.join(entry.parentPath, entry.name));
  return Object.fromEntries(files.map((file) => [path.relative(root, file), fs.readFileSync(file, 'latin1')]));
}

/** A package of an outer folder would make the result depend on where it was built. */
function assertOwnPackages(builds) {
  const inputs = builds.flatMap(({ metafile }) => Object.keys(metafile.inputs));
  const outside = inputs.find((file) => file.startsWith('..'));
  if (outside) throw new Error(`${outside} is not in web/graphiql/node_modules: run \`npm ci\` there`);
}

/** esbuild writes a style sheet for every chunk, and nothing loads those of chunks. */
function removeUnusedStyles(folder, assets) {
  const unused = fs
    .readdirSync(folder)
    .filter((file) => file.endsWith('.css') && !Object.values(assets).includes(file));
  for (const file of unused) fs.rmSync(path.join(folder, file));
}

function virtualModule(specifier, value) {
  return {
    name: specifier,
    setup(builder) {
      builder.onResolve({ filter: new RegExp(`^${specifier}$`) }, () => ({ path: specifier, namespace: specifier }));
      builder.onLoad({ filter: /.*/, namespace: specifier }, () => ({
        contents: JSON.stringify(value),
        loader: 'json',
      }));
    },
  };
}

/** `{ 'graphiql.js': 'graphiql-AB12CD34.js', … }` for the outputs that `names` selects. */
function filesByName({ metafile }, names) {
  const files = Object.keys(metafile.outputs).map((file) => path.basename(file));
  return Object.fromEntries(
    files.filter((file) => names.test(file)).map((file) => [file.replace(/-[A-Z0-9]{8}(?=\.\w+$)/, ''), file]),
  );
}

function writeHashed(folder, file, text) {
  const hash = createHash('sha256').update(text).digest('hex').slice(0, 8).toUpperCase();
  const { name: stem, ext } = path.parse(file);
  fs.writeFileSync(path.join(folder, `${stem}-${hash}${ext}`), text);
  return { [file]: `${stem}-${hash}${ext}` };
}

/** The licence texts of every package that the bundles contain. */
function licences(builds) {
  const inputs = builds.flatMap(({ metafile }) => Object.keys(metafile.inputs));
  const folders = new Set(inputs.map((file) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file)?.[0]).filter(Boolean));
  const texts = [...folders].sort().map((relative) => {
    const folder = path.join(here, relative);
    const files = fs.readdirSync(folder).filter((file) => /^(licen[cs]e|notice|thirdpartynotices)/i.test(file));
    const manifest = JSON.parse(fs.readFileSync(path.join(folder, 'package.json'), 'utf8'));
    const bodies = files.map((file) => fs.readFileSync(path.join(folder, file), 'utf8'));
    return [`${manifest.name} ${manifest.version} (${manifest.license ?? 'see below'})`, ...bodies].join('\n\n');
  });
  return texts.join(`\n\n${'-'.repeat(80)}\n\n`);
}

function megabytes(bytes) {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
