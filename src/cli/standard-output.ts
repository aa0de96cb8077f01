import fs from 'node:fs';
import type { Writable } from 'node:stream';

const STDOUT = 1;

/**
 * Standard output for data. npm writes the name of a script there before it runs it, so that `npm run export > file`
 * would begin with it: a file that holds this banner and nothing else is emptied. A pipe needs `npm run -s`.
 */
export function openStandardOutput(env: NodeJS.ProcessEnv = process.env): Writable {
  if (!holdsNpmBannerAlone(env)) return process.stdout;
  fs.ftruncateSync(STDOUT);
  return fs.createWriteStream('', { fd: STDOUT, start: 0, autoClose: false });
}

/** Whether standard output is a file with what npm has written there, and nothing else. */
export function holdsNpmBannerAlone(env: NodeJS.ProcessEnv = process.env): boolean {
  const output = fs.fstatSync(STDOUT);
  return output.isFile() && output.size > 0 && output.size === Buffer.byteLength(npmBanner(env));
}

function npmBanner(env: NodeJS.ProcessEnv): string {
  const command = [env.npm_lifecycle_script, ...process.argv.slice(2)].join(' ');
  return `\n> ${env.npm_package_name}@${env.npm_package_version} ${env.npm_lifecycle_event}\n> ${command}\n\n`;
}
