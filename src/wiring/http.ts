import fs from 'node:fs';
import path from 'node:path';
import type { FastifyInstance } from 'fastify';
import { AcceptedOperations } from '../graphql/server/accepted-operations';
import { createGraphqlServer } from '../graphql/server/apollo';
import { graphqlChannel } from '../graphql/server/channel';
import { serveJson } from '../http/document';
import { KongTrust } from '../http/kong-trust';
import { apiDocsPlugin } from '../http/plugins/api-docs.plugin';
import { graphqlPlugin } from '../http/plugins/graphql.plugin';
import { healthPlugin } from '../http/plugins/health.plugin';
import { playgroundPlugin } from '../http/plugins/playground.plugin';
import { verifyEmailPlugin } from '../http/plugins/verify-email.plugin';
import { createHttpServer } from '../http/server';
import { checkDatabase } from '../queries/health';
import { restContracts } from '../rest/contracts';
import { openApiDocument } from '../rest/engine/open-api';
import { OperationRunner, readOperation } from '../rest/engine/operation-runner';
import { RequestContexts } from '../rest/engine/request-context';
import { restPlugin } from '../rest/engine/rest.plugin';
import { VerifyEmailDocument } from '../rest/generated/operations';
import type { Infrastructure } from './infrastructure';
import type { Registration } from './registration';
import type { Services } from './services';

const dist = path.resolve(__dirname, __filename.endsWith('.ts') ? '../../dist' : '../..');
const { version } = JSON.parse(fs.readFileSync(path.join(dist, '../package.json'), 'utf8')) as { version: string };

export interface HttpServers {
  /** GraphQL, REST, health, playground and the REST docs. */
  http: FastifyInstance;
  /** The gateway paths, or null when they are off. */
  gatewayHttp: FastifyInstance | null;
}

/** Puts GraphQL and every REST contract behind the two ports; neither listens yet. */
export async function buildHttp(
  infrastructure: Infrastructure,
  services: Services,
  registration: Registration,
): Promise<HttpServers> {
  const { config, em, feed, store, keys, logger, onClose, isClosing } = infrastructure;
  const { schema, authenticator, users, kong } = services;
  const { redisUrl, eureka, graphql } = config;

  const accepted = new AcceptedOperations(schema, logger);
  const apollo = createGraphqlServer({
    schema,
    introspection: graphql.introspection,
    logger,
    plugins: [accepted.plugin],
  });
  await apollo.start();
  onClose(() => apollo.stop());
  const health = healthPlugin({
    database: async () => void (await checkDatabase.rows(em)),
    optional: {
      ...(redisUrl && { redis: () => store.isHealthy() }),
      'change-feed': () => feed.trusted,
      ...(eureka.urls.length > 0 && { eureka: () => registration.isUp() }),
    },
    isClosing,
  });

  const runner = new OperationRunner(schema, logger);
  const contexts = new RequestContexts(authenticator, users);
  const contracts = restContracts(config, new KongTrust({ ...config.kong, configured: kong !== null }));
  const openPort = async (port: 'main' | 'gateway'): Promise<FastifyInstance> => {
    const http = await createHttpServer(config, logger);
    onClose(() => http.close());
    await http.register(health);
    for (const { contract } of contracts) await http.register(restPlugin({ contract, port, runner, contexts, logger }));
    return http;
  };

  const http = await openPort('main');
  await http.register(graphqlPlugin({ apollo, accepted, authenticator, users }));
  await http.register(playgroundPlugin({ enabled: graphql.playground, assetsDir: path.join(dist, 'playground') }));
  serveJson(http, '/.well-known/jwks.json', { content: keys.jwks, cacheControl: 'public, max-age=300' });
  serveJson(http, '/openapi.json', { content: openApiDocument(contracts, version), cacheControl: 'no-cache' });
  await http.register(apiDocsPlugin({ openApiUrl: '/openapi.json', assetsDir: path.join(dist, 'api-docs') }));
  const verifyEmail = readOperation(VerifyEmailDocument);
  await http.register(
    verifyEmailPlugin({
      verify: async (request, linkToken) => {
        const context = await contexts.of(request, { channel: graphqlChannel });
        await runner.run(verifyEmail, { input: { linkToken } }, context);
      },
    }),
  );

  return { http, gatewayHttp: config.http.gatewayPort === 'off' ? null : await openPort('gateway') };
}
