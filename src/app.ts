import type { FastifyInstance } from 'fastify';
import type { GraphQLSchema } from 'graphql';
import type { Logger } from 'pino';
import { type Clock, systemClock } from './config/clock';
import type { Config } from './config/config';
import type { Database } from './database/open-database';
import type { FirstAdministrator } from './database/seed';
import { listen } from './http/server';
import { kongHints } from './integrations/kong/kong-hints';
import { exposeState } from './observability/metrics/exposition';
import type { CleanUp } from './services/jobs/clean-up';
import { type AdministratorReport, reportAdministrators } from './services/users/administrator-check';
import { consoleFolder } from './wiring/console-folder';
import { buildHttp } from './wiring/http';
import { openInfrastructure } from './wiring/infrastructure';
import { processState } from './wiring/process-state';
import { Registration } from './wiring/registration';
import { buildServices } from './wiring/services';

export interface App {
  /** The main port; `inject` works before `listen`. */
  http: FastifyInstance;
  /** The gateway port, or null when it is off. */
  gatewayHttp: FastifyInstance | null;
  schema: GraphQLSchema;
  database: Database;
  cleanUp: CleanUp;
  /** How many streams of `accountChanged` this process has open. */
  liveStreams(): number;
  /** The administrator that this start has created, or null. */
  administrator: FirstAdministrator | null;
  /** What the accounts with the role ADMIN are at this moment. */
  reportAdministrators(): Promise<AdministratorReport>;
  /** Whether `/console` is served. */
  hasConsole: boolean;
  /** Whether this server made one of the signing keys itself. */
  developmentSecrets: boolean;
  /** Opens the ports. @returns the ports that are open */
  listen(): Promise<{ port: number; gatewayPort: number | null }>;
  /** Finishes the requests under way, then closes everything, the database last. */
  close(): Promise<void>;
}

/** Builds the whole server: infrastructure, services over it, and the ports in front of them. */
export async function createApp(config: Config, logger: Logger, clock: Clock = systemClock): Promise<App> {
  const infrastructure = await openInfrastructure(config, logger, clock);
  try {
    for (const hint of kongHints(config)) logger.warn(hint);
    const services = buildServices(infrastructure);
    const registration = new Registration(infrastructure);
    const { http, gatewayHttp, metricsHttp } = await buildHttp(infrastructure, services, registration);
    const hideState = exposeState(processState(infrastructure, services));
    infrastructure.onClose(async () => hideState());
    const { database } = infrastructure;

    return {
      http,
      gatewayHttp,
      schema: services.schema,
      database,
      cleanUp: services.cleanUp,
      liveStreams: () => services.accountWatch.size,
      administrator: infrastructure.firstAdministrator,
      reportAdministrators: () => reportAdministrators(infrastructure.em, infrastructure.hasher, config.seed),
      hasConsole: consoleFolder(config) !== null,
      developmentSecrets: infrastructure.developmentSecrets,
      listen: async () => {
        const { host, port: wanted, gatewayPort: wantedGateway } = config.http;
        const port = await listen(http, { host, port: wanted });
        if (metricsHttp) await listen(metricsHttp, { host, port: config.metrics.port ?? 0 });
        registration.start(port);
        if (!gatewayHttp || wantedGateway === 'off') return { port, gatewayPort: null };
        return { port, gatewayPort: await listen(gatewayHttp, { host, port: wantedGateway }) };
      },
      close: () => infrastructure.close(),
    };
  } catch (error) {
    await infrastructure.close();
    throw error;
  }
}
