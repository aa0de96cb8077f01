import fs from 'node:fs';
import path from 'node:path';

const SHOWN = 45;

/**
 * Prints where the main thread's time went, as the newest V8 profile in the folder has it: by
 * function, and by package.
 */
export function printProfile(folder) {
  const newest = fs
    .readdirSync(folder)
    .filter((name) => name.endsWith('.cpuprofile'))
    .map((name) => path.join(folder, name))
    .sort((a, b) => fs.statSync(b).size - fs.statSync(a).size)[0];
  if (!newest) return;
  const { nodes, samples, timeDeltas } = JSON.parse(fs.readFileSync(newest, 'utf8'));
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const functions = new Map();
  const packages = new Map();
  let total = 0;
  samples.forEach((id, i) => {
    const { callFrame } = byId.get(id);
    if (callFrame.functionName === '(idle)') return;
    total += timeDeltas[i];
    const place = placeOf(callFrame);
    add(functions, `${callFrame.functionName || '(anonymous)'} ${place}:${callFrame.lineNumber + 1}`, timeDeltas[i]);
    add(packages, packageOf(place, callFrame), timeDeltas[i]);
  });
  process.stdout.write(`\n${newest}\n`);
  for (const [title, entries, count] of [
    ['by package', packages, 25],
    ['by function', functions, SHOWN],
  ]) {
    process.stdout.write(`\n${title}\n`);
    for (const [name, time] of [...entries].sort((a, b) => b[1] - a[1]).slice(0, count))
      process.stdout.write(`${((100 * time) / total).toFixed(1).padStart(6)} %  ${name}\n`);
  }
}

const add = (map, key, value) => map.set(key, (map.get(key) ?? 0) + value);

const placeOf = ({ url }) =>
  url
    .replace(/^file:\/\//, '')
    .replace(/^.*\/node_modules\//, '')
    .replace(/^.*\/dist\//, 'dist/');

function packageOf(place, { functionName }) {
  if (place === '') return functionName.startsWith('(') ? functionName : '(native)';
  if (place.startsWith('node:')) return place;
  if (place.startsWith('dist/')) return place.split('/').slice(0, 3).join('/');
  return place
    .split('/')
    .slice(0, place.startsWith('@') ? 2 : 1)
    .join('/');
}
