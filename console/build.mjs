// Builds the console into a folder that the server serves from. Runs on the system's Node as well as
// on the project's own.
import { readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';

/** Everything that the console is made of, relative to the project. */
export const consoleSources = [
  'console/src',
  'client/src',
  'console/index.html',
  'console/build.mjs',
  'console/operation-access.ts',
  'console/package.json',
  'console/vite.config.ts',
  'schema/schema.graphql',
  'package-lock.json',
];

/** @param {string} outDir for example `dist/console`; what is in it is replaced */
export async function buildConsole(outDir) {
  // React has another build for other values, which the environment of a test run may have
  process.env.NODE_ENV = 'production';
  const { build } = await import('vite');
  const configFile = path.join(import.meta.dirname, 'vite.config.ts');
  await build({ configFile, logLevel: 'warn', build: { outDir } });
  await compress(path.join(outDir, 'assets'));
}

async function compress(folder) {
  const files = (await readdir(folder)).filter((file) => /\.(js|css|svg)$/.test(file));
  const compressFile = async (file) => {
    const content = await readFile(path.join(folder, file));
    await writeFile(path.join(folder, `${file}.gz`), await promisify(gzip)(content, { level: 9 }));
  };
  await Promise.all(files.map(compressFile));
}
