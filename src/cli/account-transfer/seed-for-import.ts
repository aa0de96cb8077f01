import type { Config } from '../../config/config';
import type { Database } from '../../database/open-database';
import { seed } from '../../database/seed';
import { deleteSeedMark, findSeedMark, insertSeedMark } from '../../queries/account-transfer';
import { PasswordHasher } from '../../security/passwords/password-hasher';

const MARK = { name: 'administrator' };

/**
 * Seeds as the first start of the server does: roles, permissions, and the administrator whose
 * password is configured. An administrator with a generated password is left to the server's first
 * start, so that it does not take the name `admin` from an account of the file.
 */
export async function seedForImport({ orm, embedded }: Database, config: Config): Promise<void> {
  const em = orm.em.fork();
  if (await findSeedMark.row(em, MARK)) return;
  const leavesAdministrator = config.seed.password === undefined;
  const hasher = new PasswordHasher({ cost: config.passwords.cost, threads: 1 });
  try {
    await em.transactional(async (tx) => {
      if (leavesAdministrator) await insertSeedMark.rows(tx, MARK);
      await seed(tx, { config, embedded, hasher });
      if (leavesAdministrator) await deleteSeedMark.rows(tx, MARK);
    });
  } finally {
    await hasher.close();
  }
}
