// Moves 100,000 accounts in and out of an embedded database of its own, and says how long each step
// takes and how much memory. Fails when a step does not end as it should, or takes more memory than
// it should for a file of any size.
import { execFile, spawn } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

const ROWS = Number(process.argv[2] ?? 100_000);
const MAX_RSS_MB = 300;
const HASH = '$2b$10$9K0RY.8o.QUB3Unze1qeROAdBw4Y6o3TjPbNX/KiifcBudRlla/di';
const root = path.resolve(import.meta.dirname, '../..');
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'identity-drill-'));
fs.chmodSync(folder, 0o755); // root's PostgreSQL runs as another account

try {
  const small = await drill(Math.round(ROWS / 10), 'small');
  const large = await drill(ROWS, 'large');
  console.table(
    large.steps.map((step, index) => ({ ...step, [`RSS MB at ${ROWS / 10}`]: small.steps[index]['RSS MB'] })),
  );
  const most = Math.max(...large.steps.map((step) => step['RSS MB']));
  if (most > MAX_RSS_MB) fail(`a step took ${most} MB of memory, more than ${MAX_RSS_MB}`);
} finally {
  fs.rmSync(folder, { recursive: true, force: true });
}

async function drill(rows, name) {
  const file = writeAccounts(rows, path.join(folder, `${name}.ndjson`));
  const out = (number) => path.join(folder, `${name}-${number}.ndjson`);
  const [first, second] = [path.join(folder, `${name}-a`), path.join(folder, `${name}-b`)];
  const steps = [];
  const run = async (title, script, args, dataDir, code, expected) => {
    const result = await measure(script, args, dataDir);
    if (result.code !== code || !expected.test(result.output))
      fail(`${title}: exit ${result.code}\n${result.output.slice(0, 2000)}`);
    steps.push({
      step: title,
      rows,
      seconds: result.seconds,
      'rows/s': Math.round(rows / result.seconds),
      'RSS MB': result.rss,
    });
  };
  const good = (rows - 10).toLocaleString('en');
  await run(
    'dry run',
    'import',
    [file, '--create-roles', '--dry-run'],
    first,
    2,
    new RegExp(`${good} would be created`),
  );
  await run('import', 'import', [file, '--create-roles'], first, 2, new RegExp(`${good} created`));
  await run('import again', 'import', [file, '--create-roles'], first, 2, new RegExp(`${good} unchanged`));
  await run('export', 'export', [out(1)], first, 0, new RegExp(`${good} accounts`));
  await run('import elsewhere', 'import', [out(1), '--create-roles'], second, 0, new RegExp(`${good} created`));
  await run('export there', 'export', [out(2)], second, 0, new RegExp(`${good} accounts`));
  if (digest(out(1)) !== digest(out(2))) fail('the two exports differ');
  return { steps };
}

/** Ten of them are bad: a bad hash, a name that is taken, a line that is cut. */
function writeAccounts(rows, file) {
  const fd = fs.openSync(file, 'w');
  for (let index = 0; index < rows; index++) fs.writeSync(fd, `${line(index, rows)}\n`);
  fs.closeSync(fd);
  return file;
}

function line(index, rows) {
  const every = Math.floor(rows / 10);
  const kind = index % every === every - 1 ? Math.floor(index / every) % 3 : undefined;
  const account = {
    id: randomUUID(),
    username: kind === 0 ? 'USER0' : `user${index}`,
    email: `user${index}@example.org`,
    phone: `09${String(index).padStart(8, '0')}`,
    firstName: 'Nguyễn',
    lastName: `Văn ${index}`,
    dob: '2000-01-31',
    roles: index % 3 === 0 ? ['LEARNER', 'CREATOR'] : ['LEARNER'],
    isActive: true,
    isVerified: index % 2 === 0,
    createdAt: '2021-05-05T10:00:00Z',
    passwordHash: kind === 1 ? 'none' : HASH,
  };
  const json = JSON.stringify(account);
  return kind === 2 ? json.slice(0, -20) : json;
}

async function measure(command, args, dataDir) {
  const startedAt = performance.now();
  // as package.json starts it
  const child = spawn(
    process.execPath,
    ['--max-semi-space-size=8', path.join(root, `dist/src/cli/${command}.js`), ...args],
    {
      cwd: folder,
      env: { PATH: process.env.PATH, DATA_DIR: dataDir },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (output += text));
  let rss = 0;
  const watch = setInterval(async () => {
    rss = Math.max(rss, await residentMb(child.pid));
  }, 100);
  const [code] = await once(child, 'close');
  clearInterval(watch);
  return { code, output, rss, seconds: Number(((performance.now() - startedAt) / 1000).toFixed(1)) };
}

async function residentMb(pid) {
  try {
    const { stdout } = await promisify(execFile)('ps', ['-o', 'rss=', '-p', String(pid)]);
    return Math.round(Number(stdout) / 1024);
  } catch {
    return 0; // it has just ended
  }
}

function digest(file) {
  return createHash('sha256').update(fs.readFileSync(file)).digest('hex');
}

function fail(message) {
  console.error(message);
  fs.rmSync(folder, { recursive: true, force: true });
  process.exit(1);
}
