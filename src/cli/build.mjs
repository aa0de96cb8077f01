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
const codeSources = ['src', 'migrations', 'tsconfig.json', 'package-lock.json'];

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
  // taken before anything is read, so that what changes meanwhile is built the next time
  const code = fingerprint(codeSources, (file) => /\.([cm]?ts|json)$/.test(file));
  const jobs = [];
  if (stamp.code !== code) {
    // it may name files that no longer exist
    if (!stamp.code) fs.rmSync(path.join(dist, '.tsbuildinfo'), { force: true });
    jobs.push(compile().then((succeeded) => ({ code: succeeded ? code : undefined })));
  }
  const page = stamp.playgroundSources && fingerprint(stamp.playgroundSources, () => true);
  if (fs.existsSync(playground) && (!page || stamp.playground !== page)) jobs.push(bundle());
  if (jobs.length === 0) return;

  const results = await Promise.all(jobs);
  fs.mkdirSync(dist, { recursive: true });
  fs.writeFileSync(stampFile, JSON.stringify(Object.assign({}, stamp, ...results)));
  if (results.some((result) => Object.values(result).includes(undefined))) process.exitCode = 1;
  else process.stdout.write(`built in ${((performance.now() - startedAt) / 1000).toFixed(1)} s\n`);
}

/** The compiler prints its errors itself. */
async function compile() {
  const child = spawn(process.execPath, [tsc, '-p', path.join(root, 'tsconfig.json')], {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  const [status] = await once(child, 'close');
  return status === 0;
}

async function bundle() {
  try {
    const { buildPlayground, playgroundSources } = await import(pathToFileURL(playground).href);
    const state = fingerprint(playgroundSources, () => true);
    await buildPlayground(path.join(dist, 'playground'));
    return { playgroundSources, playground: state };
  } catch (error) {
    process.stderr.write(`The playground could not be built: ${error.stack}\n`);
    return { playground: undefined };
  }
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
function fingerprint(sources, isSource) {
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
