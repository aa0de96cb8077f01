import { Command } from 'commander';
import { systemClock } from '../config/clock';
import { loadConfig } from '../config/config';
import { endAllAccess } from '../queries/all-access';
import type { CommandContext } from './account-transfer/command';
import { openForImport } from './account-transfer/transfer-database';

const DESCRIPTION = `Ends every session, token, one-time code and Kong credential of all accounts: users log in again.
For a database that was restored to an earlier time, before the server starts on it.`;

/** `npm run sessions:revoke`. */
export function sessionsRevokeCommand({ env, stdout }: CommandContext): Command {
  return new Command('npm run sessions:revoke --')
    .usage('[options]')
    .description(DESCRIPTION)
    .option('--reason <text>', 'for the audit log', 'restored from a backup')
    .action(async ({ reason }: { reason: string }) => {
      const database = await openForImport(loadConfig(env));
      try {
        const ended = await database.client.query<{ user_id: string }>(
          endAllAccess.query({ reason, now: systemClock.now() }),
        );
        await database.forgetSessions(ended.rows.map(({ user_id }) => user_id));
        stdout.write(`All tokens have ended, and the sessions of ${ended.rows.length} accounts.\n`);
      } finally {
        await database.close();
      }
    });
}
