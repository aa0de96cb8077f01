// npm run bench: drives the real server and small servers that do the least the same answer can
// cost, and says how near it comes.
import { Load } from './load/load.mjs';
import { readOptions } from './options.mjs';
import { MOST_OF_OTHERS, OtherLoad } from './other-load.mjs';
import { figuresAreThere } from './process-figures.mjs';
import { Profiler } from './report/profile.mjs';
import { endProgress, progress, secondsSinceStart } from './report/progress.mjs';
import { describeRun, lastResults, record, regressions } from './report/record.mjs';
import { isReached, table } from './report/table.mjs';
import { seedUsers } from './seed.mjs';
import { startServer } from './server-process.mjs';
import { findPostgres, findRedis } from './services.mjs';
import { run as growth } from './workloads/growth.mjs';
import { run as list } from './workloads/list.mjs';
import { run as login } from './workloads/login.mjs';
import { run as memory } from './workloads/memory.mjs';
import { run as refresh } from './workloads/refresh.mjs';
import { run as scale } from './workloads/scale.mjs';
import { run as startup } from './workloads/startup.mjs';
import { run as storm } from './workloads/storm.mjs';
import { runIntrospect as introspect, runMe as me } from './workloads/token-checks.mjs';

const workloads = { startup, login, me, introspect, list, refresh, storm, scale, growth, memory };
const LEFT_OUT_WHEN_QUICK = ['scale'];
const MODULES = 'dist/src/server.js';

async function main() {
  const options = readOptions();
  const unknown = options.only?.filter((name) => !(name in workloads)) ?? [];
  if (unknown.length > 0)
    throw new Error(`--only takes ${Object.keys(workloads).join(', ')}; not ${unknown.join(', ')}`);

  progress('looking for PostgreSQL and Redis');
  const postgres = options.embedded ? null : await findPostgres();
  const redis = options.embedded ? null : await findRedis();
  const stopping = [];
  const stop = async () => {
    for (const end of stopping.splice(0).reverse())
      await end().catch((error) => process.stderr.write(`${error.message}\n`));
  };
  for (const signal of ['SIGINT', 'SIGTERM']) {
    process.once(signal, () => {
      endProgress();
      process.stderr.write(`${signal}: taking everything down\n`);
      stop().finally(() => process.exit(130));
    });
  }
  try {
    if (redis) stopping.push(() => redis.clear());
    if (postgres) stopping.push(() => postgres.drop());
    const { rows, run } = await benchmark({ options, postgres, redis, stopping });
    const falls = regressions(rows, run);
    endProgress();
    process.stdout.write(`\n${heading(run)}\n\n${table(rows, lastResults(run))}\n\n`);
    for (const line of falls) process.stdout.write(`slower than before: ${line}\n`);
    process.stdout.write(`${Math.round(secondsSinceStart())} s; ${recordUnlessDisturbed({ rows, run, options })}\n`);
    reportWrongAnswers(rows);
  } finally {
    await stop();
  }
}

/** @returns what became of the figures */
function recordUnlessDisturbed({ rows, run, options }) {
  if (!options.record || options.only || options.profile) return 'not recorded';
  if (run.others > MOST_OF_OTHERS)
    return `not recorded, because other programs used more than ${100 * MOST_OF_OTHERS} % of the cores`;
  record(rows, run);
  return 'written to bench/results.json, results.svg and history.ndjson';
}

async function benchmark({ options, postgres, redis, stopping }) {
  progress(
    `starting the server on ${postgres ? `PostgreSQL ${postgres.version}` : 'the embedded database'} and ${redis ? `Redis ${redis.version}` : 'memory'}`,
  );
  const ownUrl = postgres ? await postgres.create() : null;
  const redisUrl = redis?.url ?? null;
  const otherLoad = new OtherLoad([...(postgres?.processes ?? []), ...(redis?.processes ?? [])]);
  const server = await startServer({
    // the modules name their packages in a profile, which the bundle does not
    server: options.server ?? (options.profile ? MODULES : null),
    databaseUrl: ownUrl,
    redisUrl,
    inspect: options.profile,
  });
  stopping.push(() => server.stop());
  const profiler = options.profile ? await Profiler.connect(server.inspectorUrl()) : null;
  const databaseUrl = ownUrl ?? server.embeddedUrl();
  server.databaseUrl = postgres?.local === false ? null : databaseUrl;
  progress(`filling the database with ${options.users} users`);
  await seedUsers(databaseUrl, options.users);

  const load = new Load();
  stopping.push(async () => load.close());
  const embedded = postgres === null;
  const context = { options, postgres, server, databaseUrl, redisUrl, embedded, load, users: options.users };
  const rows = [];
  for (const [name, run] of Object.entries(workloads)) {
    if (options.only ? !options.only.includes(name) : options.quick && LEFT_OUT_WHEN_QUICK.includes(name)) continue;
    await profiler?.start();
    rows.push(...(await run(name === 'startup' && embedded ? { ...context, databaseUrl: null } : context)));
    await profiler?.stop(name);
  }
  endProgress();
  profiler?.print();
  const others = otherLoad.share();
  return { rows, run: describeRun({ postgres, redis, embedded, users: options.users, options, others }) };
}

function heading(run) {
  const cpu = figuresAreThere ? '' : '\nCPU time and memory of other processes cannot be read on this system.';
  const others = run.others === undefined ? '' : `, ${Math.round(100 * run.others)} % of the cores used by others`;
  return `Node ${run.node}, ${run.database}, ${run.store}, ${run.users} users, ${run.cpus}${others}${cpu}`;
}

/** A figure of wrong answers is worth nothing. */
function reportWrongAnswers(rows) {
  const wrong = rows.flatMap((row) =>
    [row.figures, row.floor].filter((figures) => figures?.wrong > 0).map((figures) => ({ row, figures })),
  );
  for (const { row, figures } of wrong)
    process.stdout.write(`WRONG ANSWERS in ${row.name}: ${figures.wrong}, such as ${figures.example}\n`);
  const missed = rows.filter((row) => isReached(row) === false);
  if (missed.length > 0)
    process.stdout.write(
      `${missed.length} of ${rows.filter((row) => row.target !== undefined).length} targets missed\n`,
    );
  if (wrong.length > 0) process.exitCode = 1;
}

main().catch((error) => {
  endProgress();
  process.stderr.write(`${error.stack}\n`);
  process.exit(1);
});
