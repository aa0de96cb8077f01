import fs from 'node:fs';
import path from 'node:path';
import type { FastifyInstance } from 'fastify';
import { sqlRow } from '../database/positional-sql';
import { AcceptedOperations } from '../graphql/server/accepted-operations';
import { createGraphqlServer } from '../graphql/server/apollo';
import { graphqlChannel } from '../graphql/server/channel';
import { KongTrust } from '../http/kong-trust';
import { apiDocsPlugin } from '../http/plugins/api-docs.plugin';
import { graphqlPlugin } from '../http/plugins/graphql.plugin';
import { healthPlugin } from '../http/plugins/health.plugin';
import { playgroundPlugin } from '../http/plugins/playground.plugin';
import { verifyEmailPlugin } from '../http/plugins/verify-email.plugin';
import { createHttpServer } from '../http/server';
import { restContracts } from '../rest/contracts';
import { openApiDocument } from '../rest/engine/open-api';
import { OperationRunner, readOperation } from '../rest/engine/operation-runner';
import { RequestContexts } from '../rest/engine/request-context';
import { restPlugin } from '../rest/engine/rest.plugin';
import { VerifyEmailDocument } from '../rest/generated/operations';
import type { Infrastructure, Services } from './services';

const dist = path.resolve(__dirname, __filename.endsWith('.ts') ? '../../dist' : '../..');
const { version } = JSON.parse(fs.readFileSync(path.join(dist, '../package.json'), 'utf8')) as { version: string };

export interface HttpServers {
  /** GraphQL, REST, playground, description. */
  http: FastifyInstance;
  /** The gateway's paths, unless they are off. */
  gatewayHttp: FastifyInstance | null;
}

/** Puts GraphQL and every REST contract behind the two ports; nothing listens yet. */
export async function buildHttp(
  { config, em, feed, store, keys, logger, onClose }: Infrastructure,
  { schema, authenticator, users, kong }: Services,
  channels: { closing(): boolean; eurekaIsUp(): boolean },
): Promise<HttpServers> {
  const accepted = new AcceptedOperations(schema, logger);
  const apollo = createGraphqlServer({
    schema,
    introspection: config.graphql.introspection,
    logger,
    plugins: [accepted.plugin],
  });
  await apollo.start();
  onClose(() => apollo.stop());

  const health = healthPlugin({
    database: async () => void (await sqlRow(em, 'select 1')),
    optional: {
      ...(config.redisUrl && { redis: () => store.isHealthy() }),
      'change-feed': () => feed.trusted,
      ...(config.eureka.urls.length > 0 && { eureka: () => channels.eurekaIsUp() }),
    },
    closing: () => channels.closing(),
  });
  const http = await createHttpServer(config, logger);
  await http.register(health);
  await http.register(graphqlPlugin({ apollo, accepted, authenticator, users }));
  await http.register(
    playgroundPlugin({ enabled: config.graphql.playground, assetsDir: path.join(dist, 'playground') }),
  );
  http.get('/.well-known/jwks.json', async (_request, reply) =>
    reply.header('cache-control', 'public, max-age=300').send(keys.jwks),
  );
  onClose(() => http.close());

  const runner = new OperationRunner(schema, logger);
  const contexts = new RequestContexts(authenticator, users);
  const trust = new KongTrust({ ...config.kong, configured: kong !== null });
  const contracts = restContracts(config, trust);
  for (const { contract } of contracts)
    await http.register(restPlugin({ contract, port: 'main', runner, contexts, logger }));
  const openApi = openApiDocument(contracts, version);
  http.get('/openapi.json', async (_request, reply) => reply.header('cache-control', 'no-cache').send(openApi));
  await http.register(apiDocsPlugin({ openApiUrl: '/openapi.json', assetsDir: path.join(dist, 'api-docs') }));

  const verifying = readOperation(VerifyEmailDocument);
  await http.register(
    verifyEmailPlugin({
      verify: async (request, linkToken) =>
        void (await runner.run(
          verifying,
          { input: { linkToken } },
          await contexts.of(request, { channel: graphqlChannel }),
        )),
    }),
  );

  const { gatewayPort } = config.http;
  const gatewayHttp = gatewayPort === 'off' ? null : await createHttpServer(config, logger);
  if (gatewayHttp) {
    onClose(() => gatewayHttp.close());
    await gatewayHttp.register(health);
    for (const { contract } of contracts)
      await gatewayHttp.register(restPlugin({ contract, port: 'gateway', runner, contexts, logger }));
  }
  return { http, gatewayHttp };
}
