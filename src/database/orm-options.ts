import path from 'node:path';
import { ReflectMetadataProvider } from '@mikro-orm/decorators/legacy';
import { Migrator } from '@mikro-orm/migrations';
import { defineConfig, type Options } from '@mikro-orm/postgresql';
import type { Client } from 'pg';
import { migrationsList } from '../../migrations';
import * as entities from '../entities';
import { clientWithDeadline } from './deadline-client';
import { releaseWhenLost } from './lost-connection';
import type { PrimaryCheck } from './primary-check';

export interface OrmSettings {
  url: string;
  replicaUrls: readonly string[];
  pool: number;
  /** Without it any node is accepted. */
  primary?: PrimaryCheck;
  /** Whether statements are prepared by name, which needs connections of this process's own. */
  preparedStatements?: boolean;
  /** How long a connection may take, and then a statement; by default for ever. */
  timeoutMs?: number;
}

const root = path.resolve(__dirname, __filename.endsWith('.ts') ? '../..' : '../../..');

/**
 * MikroORM's options: entities and migrations are listed, never discovered, so that start-up reads
 * no folders.
 */
export function ormOptions(settings: OrmSettings): Options {
  const { url, replicaUrls, pool, primary, preparedStatements = true, timeoutMs = 0 } = settings;
  const driverOptions = {
    connectionTimeoutMillis: timeoutMs,
    keepAlive: true,
    Client: clientWithDeadline(timeoutMs), // a database that hangs must not hold requests for ever
    preparedStatements, // `runPrepared` reads it off the pool
  };
  return defineConfig({
    entities: Object.values(entities),
    metadataProvider: ReflectMetadataProvider,
    extensions: [Migrator],
    clientUrl: url,
    pool: { min: 0, max: pool },
    driverOptions: {
      ...driverOptions,
      onConnect: async (client: Client) => {
        releaseWhenLost(client);
        await primary?.admit(client);
      },
    },
    logger: () => undefined,
    replicas: replicaUrls.map((clientUrl) => ({ clientUrl, driverOptions })),
    preferReadReplicas: false, // what a replica may answer is said where it is asked: replicaRows
    discovery: { warnWhenNoEntities: false },
    migrations: {
      migrationsList,
      path: path.join(root, 'dist/migrations'),
      pathTs: path.join(root, 'migrations'),
      snapshot: false, // what the database is, is compared with what the entities say
      disableForeignKeys: false,
    },
    // triggers and functions are written by hand
    schemaGenerator: { ignoreTriggers: true, ignoreRoutines: true, disableForeignKeys: false },
  });
}
