import { parseArgs } from 'node:util';

const HELP = `npm run bench [-- options]

  --quick           about a minute: shorter slices, no growth, no scale-out
  --long            adds ten minutes of mixed load (memory) and the growth to 1,000,000 users
  --growth          adds the growth to 1,000,000 users, without the ten minutes
  --users N         how many users the main database holds (1000; 1000000 takes about two minutes to fill)
  --only a,b        only these workloads: login, me, introspect, list, refresh, storm, growth, memory, startup, scale
  --seconds N       length of one slice (3; quick 1)
  --embedded        use the embedded database and the store in memory even where PostgreSQL and Redis are there
  --profile         names the ten costliest functions of the server in each workload; figures are not recorded
  --server FILE     the built server (dist/src/main.js)
  --no-record       leaves results.json, results.svg and history.ndjson as they are
  --label TEXT      a note for the history
`;

/**
 * What the command line asks for.
 * @returns {{ quick: boolean, long: boolean, growth: boolean, users: number, only: string[] | null,
 *   seconds: number, embedded: boolean, profile: boolean, server: string | null, record:
 *   boolean, label: string | null }}
 */
export function readOptions(argv = process.argv.slice(2)) {
  const { values } = parseArgs({
    args: argv,
    options: {
      quick: { type: 'boolean', default: false },
      long: { type: 'boolean', default: false },
      growth: { type: 'boolean', default: false },
      users: { type: 'string', default: '1000' },
      only: { type: 'string' },
      seconds: { type: 'string' },
      embedded: { type: 'boolean', default: false },
      profile: { type: 'boolean', default: false },
      server: { type: 'string' },
      'no-record': { type: 'boolean', default: false },
      label: { type: 'string' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(HELP);
    process.exit(0);
  }
  return {
    quick: values.quick,
    long: values.long,
    growth: values.growth || values.long,
    users: Number(values.users),
    only: values.only ? values.only.split(',') : null,
    seconds: Number(values.seconds ?? (values.quick ? 1 : 3)),
    embedded: values.embedded,
    profile: values.profile,
    server: values.server ?? null,
    record: !values['no-record'],
    label: values.label ?? null,
  };
}
