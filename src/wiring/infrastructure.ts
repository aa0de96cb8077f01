import type { SqlEntityManager } from '@mikro-orm/postgresql';
import type { Logger } from 'pino';
import type { Clock } from '../config/clock';
import type { Config } from '../config/config';
import { openSecrets } from '../config/development-secrets';
import { ChangeFeed } from '../database/change-feed';
import { type Database, oneProcessAtATime, openDatabase } from '../database/open-database';
import { type FirstAdministrator, seed } from '../database/seed';
import { openTracing } from '../observability/tracing/open-telemetry';
import { useTracing } from '../observability/tracing/tracing';
import { PasswordHasher } from '../security/passwords/password-hasher';
import { deriveSharedKeys, type SigningKeys, signingKeys } from '../security/tokens/signing-keys';
import { HashCostCount } from '../services/users/hash-cost-count';
import type { KeyValueStore } from '../stores/key-value-store';
import { openStore } from '../stores/open-store';
import { openKeyRing } from './key-ring';
import { Shutdown } from './shutdown';

/** What every service is built on: one object of each kind for the whole process. */
export interface Infrastructure {
  config: Config;
  logger: Logger;
  clock: Clock;
  keys: SigningKeys;
  hasher: PasswordHasher;
  database: Database;
  em: SqlEntityManager;
  store: KeyValueStore;
  feed: ChangeFeed;
  /** Whether this server made one of the signing keys itself. */
  developmentSecrets: boolean;
  /** The administrator that this start has created, or null. */
  firstAdministrator: FirstAdministrator | null;
  /** Adds a step of the shutdown; the last one added runs first. */
  onClose(step: () => Promise<unknown>): void;
  isClosing(): boolean;
  /** Runs every step of the shutdown, once. */
  close(): Promise<void>;
}

/**
 * Opens keys, database, store and change feed, in the order of their dependencies.
 * @throws StartupError when one of them cannot be used; what was open is closed
 */
export async function openInfrastructure(config: Config, logger: Logger, clock: Clock): Promise<Infrastructure> {
  const secrets = openSecrets(config);
  const sharedKeys = deriveSharedKeys(secrets.signerKey, config.tokens.previousSignerKey);
  const shutdown = new Shutdown();
  try {
    if (config.tracing) {
      const tracing = await openTracing({ ...config.tracing, logger });
      useTracing(tracing);
      shutdown.add(async () => {
        await tracing.close(); // the last step, so that the spans of all others are sent
        useTracing(null);
      });
    }
    const hasher = openHasher(config, sharedKeys.decoyCosts);
    shutdown.add(() => hasher.close());
    const database = await openDatabase(config, logger);
    shutdown.add(() => database.close());
    const firstAdministrator = await oneProcessAtATime(database.directUrl, async () => {
      await database.migrate();
      return seed(database.orm.em.fork(), { config, embedded: database.embedded, hasher });
    });

    const store = await openStore({ redisUrl: config.redisUrl, clock, logger });
    shutdown.add(() => store.close());
    const em = database.orm.em.fork({ useContext: false });
    const costs = new HashCostCount({ em, hasher, logger });
    await costs.start();
    shutdown.add(() => costs.stop());

    const feed = new ChangeFeed(database.directUrl, logger, database.primary);
    shutdown.add(() => feed.stop());
    await feed.start();
    const { privateKeys } = secrets;
    const ring = await openKeyRing({ config, privateKeys, em, feed, clock, logger });

    return {
      config,
      logger,
      clock,
      keys: signingKeys(sharedKeys, ring),
      hasher,
      database,
      em,
      store,
      feed,
      developmentSecrets: secrets.development,
      firstAdministrator,
      onClose: (step) => shutdown.add(step),
      isClosing: () => shutdown.hasBegun,
      close: () => shutdown.run(),
    };
  } catch (error) {
    await shutdown.run();
    throw error;
  }
}

function openHasher({ passwords: { cost, nice, workers, queue } }: Config, decoyKey: Uint8Array): PasswordHasher {
  return new PasswordHasher({
    cost,
    decoyKey,
    nice,
    ...(workers > 0 && { threads: workers }),
    ...(queue > 0 && { maxQueue: queue }),
  });
}
