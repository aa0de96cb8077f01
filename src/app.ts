import type { FastifyInstance } from 'fastify';
import type { GraphQLSchema } from 'graphql';
import type { Logger } from 'pino';
import { type Clock, systemClock } from './config/clock';
import type { Config } from './config/config';
import { openSecrets } from './config/development-secrets';
import { ChangeFeed } from './database/change-feed';
import { type Database, migrate, oneProcessAtATime, openDatabase } from './database/open-database';
import { administratorName, type FirstAdministrator, seed } from './database/seed';
import { listen } from './http/server';
import { EurekaClient } from './integrations/eureka/eureka-client';
import { findLocalAddress } from './integrations/eureka/local-address';
import { PasswordHasher } from './security/passwords/password-hasher';
import { openSigningKeys } from './security/tokens/signing-keys';
import { CleanUp } from './services/jobs/clean-up';
import { openStore } from './stores/open-store';
import { buildHttp } from './wiring/http';
import { buildServices, type Infrastructure } from './wiring/services';

export interface App {
  /** The main channel; `inject` works before `listen`. */
  http: FastifyInstance;
  /** The gateway channel, unless it is off. */
  gatewayHttp: FastifyInstance | null;
  schema: GraphQLSchema;
  database: Database;
  cleanUp: CleanUp;
  /** The administrator that this start has made, if it was the first. */
  administrator: FirstAdministrator | null;
  /** Null when nobody has the role. */
  administratorName(): Promise<string | null>;
  developmentSecrets: boolean;
  /** Opens the ports. @returns the ports that are open */
  listen(): Promise<{ port: number; gatewayPort: number | null }>;
  /** Finishes what is under way, then closes everything, the database last. */
  close(): Promise<void>;
}

/** The composition root: builds every object once, in the order of their dependencies. */
export async function createApp(config: Config, logger: Logger, clock: Clock = systemClock): Promise<App> {
  const secrets = openSecrets(config);
  const keys = await openSigningKeys(secrets.signerKey, secrets.privateKey);
  const database = await openDatabase(config, logger);
  const { cost, workers, queue, nice } = config.passwords;
  const hasher = new PasswordHasher({
    cost,
    nice,
    ...(workers > 0 && { threads: workers }),
    ...(queue > 0 && { maxQueue: queue }),
  });
  const closers: (() => Promise<unknown>)[] = [() => database.close(), () => hasher.close()];
  const close = async () => {
    for (const closer of closers.splice(0).reverse()) await closer();
  };

  try {
    const em = database.orm.em.fork({ useContext: false });
    const administrator = await oneProcessAtATime(database.url, async () => {
      await migrate(database.orm);
      return seed(database.orm.em.fork(), config, database.embedded, hasher);
    });

    const store = await openStore({ redisUrl: config.redisUrl, clock, logger });
    closers.push(() => store.close());
    const feed = new ChangeFeed(database.url, logger);
    closers.push(() => feed.stop());
    await feed.start();

    const infrastructure: Infrastructure = {
      config,
      em,
      feed,
      store,
      hasher,
      keys,
      logger,
      clock,
      onClose: (closer) => closers.push(closer),
    };
    const services = buildServices(infrastructure);
    let closing = false;
    let eureka: EurekaClient | undefined;
    const { http, gatewayHttp } = await buildHttp(infrastructure, services, {
      closing: () => closing,
      eurekaIsUp: () => eureka?.status() === 'up',
    });

    return {
      http,
      gatewayHttp,
      schema: services.schema,
      database,
      cleanUp: services.cleanUp,
      administrator,
      administratorName: () => administratorName(database.orm.em.fork()),
      developmentSecrets: secrets.development,
      listen: async () => {
        const { host, gatewayPort } = config.http;
        const port = await listen(http, { host, port: config.http.port });
        eureka = registerAt(config, port, logger, clock);
        return {
          port,
          gatewayPort:
            gatewayHttp && gatewayPort !== 'off' ? await listen(gatewayHttp, { host, port: gatewayPort }) : null,
        };
      },
      close: async () => {
        closing = true;
        await eureka?.stop(); // before the ports close: nobody should be sent here any more
        await close();
      },
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Tells Eureka where this process is, once it can be reached. */
function registerAt(config: Config, port: number, logger: Logger, clock: Clock): EurekaClient {
  const { hostName, ipAddress } = findLocalAddress();
  const eureka = new EurekaClient({
    eurekaUrl: config.eureka.urls.join(','),
    appName: 'AUTH-SERVICE',
    hostName: config.eureka.hostname ?? hostName,
    ipAddress,
    port,
    healthPath: '/health/ready',
    logger,
    clock,
  });
  eureka.start();
  return eureka;
}
