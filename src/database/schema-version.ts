import { migrationsList } from '../../migrations';
import { StartupError } from '../config/config';

/**
 * A migration with this in its name takes away what versions before it need. All others add, and versions before
 * them work beside those after them on one database.
 */
const INCOMPATIBLE = /^\d+-incompatible-/;

export const knownMigrations: readonly string[] = migrationsList.map((migration) =>
  'name' in migration ? migration.name : '',
);

/**
 * @param executed names of the migrations that the database has
 * @throws StartupError when this version cannot work with them
 */
export function assertCompatible(executed: readonly string[]): void {
  const unknown = executed.filter((name) => !knownMigrations.includes(name));
  const incompatible = unknown.find((name) => INCOMPATIBLE.test(name));
  if (incompatible)
    throw new StartupError(
      `The database has migration ${incompatible}, with which this version cannot work: start the newer version`,
    );
  const missing = knownMigrations.find((name) => !executed.includes(name));
  if (unknown.length > 0 && missing)
    throw new StartupError(
      `The database has migration ${unknown[0]}, which this version does not know, and lacks ${missing}: it belongs ` +
        'to another program or branch',
    );
}
