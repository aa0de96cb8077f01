// npm run drill:load [-- --minutes=30 --max-rate=N --record]: mixed traffic at 80 % of what two processes carry, while they
// are restarted and Redis and the change feeds are cut. `--record` writes load/results.json, which docs/operations.md shows.
import { spawnSync } from 'node:child_process';
import { parseArgs } from 'node:util';

const { values } = parseArgs({
  options: { minutes: { type: 'string' }, 'max-rate': { type: 'string' }, record: { type: 'boolean' } },
});
const { status } = spawnSync('npm', ['test', '--', '--testMatch', '**/load.drill.ts'], {
  stdio: 'inherit',
  env: {
    ...process.env,
    MODEL_BOUND_MS: '1000',
    LOAD_MINUTES: values.minutes ?? '30',
    ...(values['max-rate'] && { LOAD_MAX_RATE: values['max-rate'] }),
    ...(values.record && { LOAD_RECORD: '1' }),
  },
});
process.exitCode = status ?? 1;
