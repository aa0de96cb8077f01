import { Command } from 'commander';
import { loadConfig } from '../../config/config';
import type { ScheduledKey } from '../../security/tokens/key-schedule';
import type { CommandContext } from '../account-transfer/command';
import { withKeyStore } from './open-key-store';

const DESCRIPTION = `Lists the keys of access tokens in PostgreSQL, the newest first, without private keys.
published: in jwks.json, signs later. signing. verifying: its tokens are accepted. retired: they are rejected.`;

/** `npm run keys:list`. */
export function keysListCommand({ env, stdout }: CommandContext): Command {
  return new Command('npm run keys:list').description(DESCRIPTION).action(async () => {
    const keys = await withKeyStore(loadConfig(env), (store) => store.list());
    stdout.write(`${[HEAD, ...keys.map(cellsOf)].map(toLine).join('\n')}\n`);
  });
}

const HEAD = ['id', 'algorithm', 'state', 'since', 'until'];
const WIDTHS = [43, 9, 9, 24, 24];

const cellsOf = ({ row, state, since, until }: ScheduledKey): string[] => [
  row.kid,
  row.alg,
  state,
  since.toISOString(),
  until?.toISOString() ?? '',
];

const toLine = (cells: readonly string[]): string =>
  cells
    .map((cell, i) => cell.padEnd(WIDTHS[i]!))
    .join('  ')
    .trimEnd();
