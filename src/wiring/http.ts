import fs from 'node:fs';
import path from 'node:path';
import type { FastifyInstance } from 'fastify';
import type { Config } from '../config/config';
import { createApolloServer } from '../graphql/server/apollo-server';
import { graphqlChannel } from '../graphql/server/channel';
import { CostBudget } from '../graphql/server/cost-budget';
import { DocumentCache } from '../graphql/server/document-cache';
import { OperationExecutor } from '../graphql/server/execute';
import { readOperation } from '../graphql/server/operation';
import { SubscriptionParser } from '../graphql/server/subscription';
import { describedPaths } from '../http/described-paths';
import { serveJson } from '../http/document';
import { KongTrust } from '../http/kong-trust';
import { acceptInvitationPlugin } from '../http/plugins/accept-invitation.plugin';
import { apiDocsPlugin } from '../http/plugins/api-docs.plugin';
import { consolePlugin } from '../http/plugins/console.plugin';
import { dependencyProbe } from '../http/plugins/dependency-probe';
import { graphqlPlugin } from '../http/plugins/graphql.plugin';
import { graphqlStreamPlugin } from '../http/plugins/graphql-stream.plugin';
import { healthPlugin } from '../http/plugins/health.plugin';
import { jwksPlugin } from '../http/plugins/jwks.plugin';
import { metricsPlugin } from '../http/plugins/metrics.plugin';
import { playgroundPlugin } from '../http/plugins/playground.plugin';
import { startPagePlugin } from '../http/plugins/start-page.plugin';
import { verifyEmailPlugin } from '../http/plugins/verify-email.plugin';
import { RefreshCookies } from '../http/refresh-cookies';
import { createHttpServer } from '../http/server';
import { checkDatabase } from '../queries/health';
import { restContracts } from '../rest/contracts';
import { openApiDocument } from '../rest/engine/open-api';
import { RequestContexts } from '../rest/engine/request-context';
import { restPlugin } from '../rest/engine/rest.plugin';
import { AcceptInvitationDocument, VerifyEmailDocument } from '../rest/generated/operations';
import { consoleFolder } from './console-folder';
import { dist } from './dist';
import type { Infrastructure } from './infrastructure';
import type { Registration } from './registration';
import type { Services } from './services';

const { version } = JSON.parse(fs.readFileSync(path.join(dist, '../package.json'), 'utf8')) as { version: string };

export interface HttpServers {
  /** GraphQL, REST, health, playground and the REST docs. */
  http: FastifyInstance;
  /** The gateway paths, or null when they are off. */
  gatewayHttp: FastifyInstance | null;
  /** The metrics, or null when they have no port of their own. */
  metricsHttp: FastifyInstance | null;
}

/** Puts GraphQL and every REST contract behind the two ports; neither listens yet. */
export async function buildHttp(
  infrastructure: Infrastructure,
  services: Services,
  registration: Registration,
): Promise<HttpServers> {
  const { config, em, feed, store, keys, logger, clock, onClose, isClosing } = infrastructure;
  const { schema, authenticator, kong, mailer, refusals, accountWatch, securityEventWatch } = services;
  const { redisUrl, eureka, graphql, mail } = config;

  const budget = new CostBudget(graphql.anonymousCostLimit, clock);
  const executor = new OperationExecutor({ schema, budget, refusals, logger });
  const documents = new DocumentCache();
  const apollo = createApolloServer({
    schema,
    executor,
    documents,
    budget,
    introspection: graphql.introspection,
    logger,
  });
  await apollo.start();
  onClose(() => apollo.stop());
  const health = healthPlugin({
    database: async () => void (await checkDatabase.rows(em)),
    optional: {
      ...(redisUrl && { redis: () => store.isHealthy() }),
      'change-feed': () => feed.trusted,
      ...(eureka.urls.length > 0 && { eureka: () => registration.isUp() }),
      ...(kong && { kong: dependencyProbe(() => kong.isHealthy()) }),
      ...(mail.smtpUrl && { smtp: dependencyProbe(() => mailer.isHealthy()) }),
    },
    isClosing,
  });

  const { port: metricsPort, token } = config.metrics;
  const hasMetricsPort = metricsPort !== undefined;
  const metrics = metricsPlugin({ token, isLoopbackOnly: !hasMetricsPort, logger });
  const openMetricsPort = async (): Promise<FastifyInstance> => {
    const http = await createHttpServer(config, logger);
    onClose(() => http.close());
    await http.register(metrics);
    return http;
  };

  const contexts = new RequestContexts(authenticator);
  const contracts = restContracts(config, new KongTrust({ ...config.kong, configured: kong !== null }));
  const openPort = async (port: 'main' | 'gateway'): Promise<FastifyInstance> => {
    const http = await createHttpServer(config, logger);
    onClose(() => http.close());
    await http.register(health);
    for (const contract of contracts) await http.register(restPlugin({ contract, port, executor, contexts, logger }));
    return http;
  };

  const http = await openPort('main');
  // before the port closes, which waits for what is under way
  onClose(async () => {
    for (const watch of [accountWatch, securityEventWatch]) watch.close();
  });
  if (!hasMetricsPort && (token !== undefined || !config.production)) await http.register(metrics);
  const refreshCookies = new RefreshCookies(config.http);
  const { bodyLimit } = graphql;
  await http.register(graphqlPlugin({ apollo, executor, documents, authenticator, refreshCookies, bodyLimit }));
  const subscriptions = new SubscriptionParser(schema, budget, logger);
  await http.register(
    graphqlStreamPlugin({
      subscriptions,
      authenticator,
      bodyLimit,
      logger,
    }),
  );
  await http.register(
    startPagePlugin({
      production: config.production,
      hasConsole: consoleFolder(config) !== null,
      hasPlayground: graphql.playground,
    }),
  );
  const { publicUrl } = config.http;
  await http.register(consolePlugin({ assetsDir: consoleFolder(config), publicUrl }));
  await http.register(playgroundPlugin({ enabled: graphql.playground, assetsDir: path.join(dist, 'playground') }));
  await http.register(jwksPlugin({ ring: keys.ring, maxAge: config.tokens.jwksMaxAge }));
  const servers = openApiServers(config.http);
  const description = () => openApiDocument({ contracts, version, servers, otherPaths: describedPaths });
  serveJson(http, '/openapi.json', { content: description, cacheControl: 'no-cache' });
  const gatewayOrigin = servers.gateway && new URL(servers.gateway).origin;
  await http.register(
    apiDocsPlugin({ openApiUrl: '/openapi.json', gatewayOrigin, assetsDir: path.join(dist, 'api-docs') }),
  );
  const verifyEmail = readOperation(VerifyEmailDocument);
  await http.register(
    verifyEmailPlugin({
      verify: async (request, linkToken) => {
        const context = await contexts.create(request, { channel: graphqlChannel });
        await executor.run(verifyEmail, { input: { linkToken } }, context);
      },
    }),
  );

  const acceptInvitation = readOperation(AcceptInvitationDocument);
  await http.register(
    acceptInvitationPlugin({
      accept: async (request, input) => {
        const context = await contexts.create(request, { channel: graphqlChannel });
        await executor.run(acceptInvitation, { input }, context);
      },
    }),
  );

  return {
    http,
    gatewayHttp: config.http.gatewayPort === 'off' ? null : await openPort('gateway'),
    metricsHttp: hasMetricsPort ? await openMetricsPort() : null,
  };
}

/** Where clients find the two ports; a main port that the system chooses has no address but that of the document. */
const openApiServers = ({ port, publicUrl, gatewayPort, gatewayPublicUrl }: Config['http']) => ({
  main: port === 0 && publicUrl === `http://localhost:${port}` ? '/' : publicUrl,
  gateway: gatewayPort === 'off' ? null : gatewayPublicUrl,
});
