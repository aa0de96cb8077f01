// npm run drill:faults [-- --only=NAME --record]: everything that can happen to a part, under mixed traffic, with the bounds
// of docs/operations.md. `--record` writes faults/results.json, which that document shows.
import { spawnSync } from 'node:child_process';
import { parseArgs } from 'node:util';

const { values } = parseArgs({ options: { only: { type: 'string' }, record: { type: 'boolean' } } });
const only = values.only ? ['-t', values.only] : [];
const { status } = spawnSync('npm', ['test', '--', '--testMatch', '**/faults.drill.ts', ...only], {
  stdio: 'inherit',
  env: { ...process.env, MODEL_BOUND_MS: '1000', ...(values.record && { FAULTS_RECORD: '1' }) },
});
process.exitCode = status ?? 1;
