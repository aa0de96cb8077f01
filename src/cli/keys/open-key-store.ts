import { pino } from 'pino';
import { type Clock, systemClock } from '../../config/clock';
import { type Config, StartupError } from '../../config/config';
import { openDatabase } from '../../database/open-database';
import { KeyEncryption, KeyEncryptionError } from '../../security/tokens/key-encryption';
import { SigningKeyStore } from '../../security/tokens/signing-key-store';

const FROM_FILES =
  'The keys of this server are not in PostgreSQL: set KEY_ENCRYPTION_KEY, or change JWT_PRIVATE_KEY as ' +
  'docs/operations.md describes it.';
const SHARED =
  'Keys are rotated in the strict profile (SECURITY_PROFILE=strict). docs/operations.md describes how JWT_SIGNER_KEY ' +
  'is changed.';
const NO_TABLE = 'The database has no keys yet: start the server once.';

/** Runs `work` with the keys in PostgreSQL. @throws StartupError without keys, or with a wrong KEY_ENCRYPTION_KEY */
export async function withKeyStore<T>(
  config: Config,
  work: (store: SigningKeyStore) => Promise<T>,
  clock: Clock = systemClock,
): Promise<T> {
  if (!config.strict) throw new StartupError(SHARED);
  if (!config.tokens.keyEncryptionKey) throw new StartupError(FROM_FILES);
  const encryption = new KeyEncryption(config.tokens.keyEncryptionKey);
  const database = await openDatabase(config, pino({ level: 'silent' }));
  try {
    const store = new SigningKeyStore({ em: database.orm.em.fork({ useContext: false }), encryption, clock });
    await requireEncryption(store, encryption);
    return await work(store);
  } finally {
    await database.close();
  }
}

/** A key that is encrypted with another key than the others would stop the server. */
async function requireEncryption(store: SigningKeyStore, encryption: KeyEncryption): Promise<void> {
  const keys = await store.list().catch((cause: unknown) => {
    throw isMissingTable(cause) ? new StartupError(NO_TABLE, { cause }) : cause;
  });
  if (keys.length === 0) throw new StartupError(NO_TABLE);
  for (const { row } of keys) {
    if (row.private_jwk === null) continue;
    await encryption.decrypt(row.kid, row.private_jwk).catch((cause: unknown) => {
      throw cause instanceof KeyEncryptionError ? new StartupError(cause.message, { cause }) : cause;
    });
  }
}

const isMissingTable = (error: unknown): boolean => (error as { code?: unknown }).code === '42P01';
