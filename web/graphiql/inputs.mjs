import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * One hash of all that graphiql-dist is made from. The package carries it, so that a test sees when it is out of
 * date.
 */
export function inputsHash() {
  const folder = path.dirname(fileURLToPath(import.meta.url));
  const hash = createHash('sha256');
  for (const file of ['package.json', 'package-lock.json', 'entry.js', 'build.mjs'])
    hash.update(fs.readFileSync(path.join(folder, file)));
  return hash.digest('hex');
}
