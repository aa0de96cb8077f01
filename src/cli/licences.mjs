// npm run licences: the licences of the production packages, from the lock file.
import fs from 'node:fs';
import path from 'node:path';

const lock = path.resolve(import.meta.dirname, '../../package-lock.json');
const { packages } = JSON.parse(fs.readFileSync(lock, 'utf8'));

const byLicence = new Map();
for (const [place, { version, license, dev, link }] of Object.entries(packages)) {
  if (!place.startsWith('node_modules/') || dev || link) continue;
  const name = place.slice(place.lastIndexOf('node_modules/') + 'node_modules/'.length);
  byLicence.set(license, (byLicence.get(license) ?? new Set()).add(`${name} ${version}`));
}
for (const [licence, names] of [...byLicence].sort(([, a], [, b]) => b.size - a.size))
  process.stdout.write(`${licence} (${names.size}): ${[...names].sort().join(', ')}\n`);
