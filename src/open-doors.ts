import fs from 'node:fs';
import path from 'node:path';
import type { FastifyInstance } from 'fastify';
import type { Foundation, Services } from './compose-services';
import { sqlRow } from './database/sql';
import { AcceptedOperations } from './graphql/accepted-operations';
import { graphqlDoor } from './graphql/door';
import { createGraphqlServer } from './graphql/server';
import { apiDocsPlugin } from './http/api-docs.plugin';
import { GatewayTrust } from './http/gateway-trust';
import { graphqlPlugin } from './http/graphql.plugin';
import { healthPlugin } from './http/health.plugin';
import { playgroundPlugin } from './http/playground.plugin';
import { createHttpServer } from './http/server';
import { verifyEmailPlugin } from './http/verify-email.plugin';
import { restContracts } from './rest/contracts';
import { openApiDocument } from './rest/open-api';
import { OperationRunner, readOperation } from './rest/operation-runner';
import { VerifyEmailDocument } from './rest/operations.generated';
import { RequestContexts } from './rest/request-context';
import { restPlugin } from './rest/rest.plugin';

const dist = path.resolve(__dirname, __filename.endsWith('.ts') ? '../dist' : '..');
const { version } = JSON.parse(fs.readFileSync(path.join(dist, '../package.json'), 'utf8')) as { version: string };

export interface Doors {
  /** GraphQL, REST, playground, description. */
  http: FastifyInstance;
  /** The gateway's paths, unless they are off. */
  gatewayHttp: FastifyInstance | null;
}

/** Puts GraphQL and every REST contract behind the two ports; nothing listens yet. */
export async function openDoors(
  { config, em, feed, store, keys, logger, onClose }: Foundation,
  { schema, authority, users, kong }: Services,
  doors: { closing(): boolean; eurekaIsUp(): boolean },
): Promise<Doors> {
  const accepted = new AcceptedOperations(schema, logger);
  const apollo = createGraphqlServer({ schema, introspection: config.graphql.introspection, logger, plugins: [accepted.plugin] });
  await apollo.start();
  onClose(() => apollo.stop());

  const health = healthPlugin({
    database: async () => void (await sqlRow(em, 'select 1')),
    optional: {
      ...(config.redisUrl && { redis: () => store.healthy() }),
      'change-feed': () => feed.trusted,
      ...(config.eureka.urls.length > 0 && { eureka: () => doors.eurekaIsUp() }),
    },
    closing: () => doors.closing(),
  });
  const http = await createHttpServer(config, logger);
  await http.register(health);
  await http.register(graphqlPlugin({ apollo, accepted, authority, users }));
  await http.register(playgroundPlugin({ enabled: config.graphql.playground, assetsDir: path.join(dist, 'playground') }));
  http.get('/.well-known/jwks.json', async (_request, reply) => reply.header('cache-control', 'public, max-age=300').send(keys.jwks));
  onClose(() => http.close());

  const runner = new OperationRunner(schema, logger);
  const contexts = new RequestContexts(authority, users);
  const trust = new GatewayTrust({ ...config.kong, configured: kong !== null });
  const contracts = restContracts(config, trust);
  for (const { contract } of contracts) await http.register(restPlugin({ contract, port: 'main', runner, contexts, logger }));
  const openApi = openApiDocument(contracts, version);
  http.get('/openapi.json', async (_request, reply) => reply.header('cache-control', 'no-cache').send(openApi));
  await http.register(apiDocsPlugin({ openApiUrl: '/openapi.json', assetsDir: path.join(dist, 'api-docs') }));

  const verifying = readOperation(VerifyEmailDocument);
  await http.register(
    verifyEmailPlugin({
      verify: async (request, linkToken) =>
        void (await runner.run(verifying, { input: { linkToken } }, await contexts.of(request, { door: graphqlDoor }))),
    }),
  );

  const { gatewayPort } = config.http;
  const gatewayHttp = gatewayPort === 'off' ? null : await createHttpServer(config, logger);
  if (gatewayHttp) {
    onClose(() => gatewayHttp.close());
    await gatewayHttp.register(health);
    for (const { contract } of contracts) await gatewayHttp.register(restPlugin({ contract, port: 'gateway', runner, contexts, logger }));
  }
  return { http, gatewayHttp };
}
