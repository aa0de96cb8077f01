import type { SqlEntityManager } from '@mikro-orm/postgresql';
import type { Logger } from 'pino';
import type { Clock } from '../config/clock';
import { type Config, StartupError } from '../config/config';
import type { ChangeFeed } from '../database/change-feed';
import { listSigningKeys } from '../queries/signing-keys';
import { FixedKeyRing } from '../security/tokens/fixed-key-ring';
import { KeyEncryption, KeyEncryptionError } from '../security/tokens/key-encryption';
import type { KeyRing } from '../security/tokens/key-ring';
import { SigningKeyStore } from '../security/tokens/signing-key-store';
import { StoredKeyRing } from '../security/tokens/stored-key-ring';

export interface KeyRingDependencies {
  config: Config;
  /** PEM blocks, of JWT_PRIVATE_KEY or of a development key. */
  privateKeys: string | undefined;
  em: SqlEntityManager;
  feed: ChangeFeed;
  clock: Clock;
  logger: Logger;
}

/**
 * The keys of access tokens in the strict profile: in PostgreSQL where KEY_ENCRYPTION_KEY is set, else those of
 * JWT_PRIVATE_KEY; null in the documented profile. @throws StartupError when they cannot be used
 */
export async function openKeyRing(deps: KeyRingDependencies): Promise<KeyRing | null> {
  const { config, privateKeys, em } = deps;
  if (!config.strict) return null;
  const { keyEncryptionKey } = config.tokens;
  if (keyEncryptionKey) return openStoredKeys(deps, new KeyEncryption(keyEncryptionKey));
  if ((await listSigningKeys.rows(em)).length > 0)
    throw new StartupError(
      'The keys of this database are in PostgreSQL: set KEY_ENCRYPTION_KEY to the key that they are encrypted with',
    );
  return FixedKeyRing.open(privateKeys!);
}

async function openStoredKeys(deps: KeyRingDependencies, encryption: KeyEncryption): Promise<KeyRing> {
  const { privateKeys, em, feed, clock, logger } = deps;
  const isFirst = await new SigningKeyStore({ em, encryption, clock }).addFirst(privateKeys);
  if (privateKeys !== undefined)
    logger.warn(
      isFirst
        ? 'JWT_PRIVATE_KEY was taken over into PostgreSQL: remove it from the environment'
        : 'JWT_PRIVATE_KEY has no effect: the keys are in PostgreSQL',
    );
  const ring = new StoredKeyRing({ em, feed, encryption, clock });
  await ring.checkEncryption().catch((cause: unknown) => {
    throw cause instanceof KeyEncryptionError ? new StartupError(cause.message, { cause }) : cause;
  });
  return ring;
}
