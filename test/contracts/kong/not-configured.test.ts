import { KongConsumerDocument, KongSignInDocument, KongTokenDocument } from '../../../src/rest/generated/operations';
import { type Sending, send } from '../../fakes/kong/kong-world';
import { ADMIN, startApp, type TestApp } from '../../support/app';
import { refused } from '../../support/graphql-client';

const SENTENCE = 'No Kong gateway is configured; set KONG_ADMIN_URL';

let app: TestApp;
let gatewayOrigin: string;
beforeAll(async () => {
  app = await startApp({ env: { GATEWAY_PORT: '0' } });
  const address = app.app.gatewayHttp!.server.address();
  gatewayOrigin = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
});
afterAll(() => app.close());

const consumer = { 'x-consumer-id': '00000000-0000-4000-8000-000000000000', 'x-consumer-username': 'admin' };

const requests: [string, string, string, Sending][] = [
  ['sign-in with the right password', 'POST', '/api/public/signin', { body: ADMIN }],
  ['sign-in with a wrong password', 'POST', '/api/public/signin', { body: { ...ADMIN, password: 'wrong' } }],
  ['sign-in without members', 'POST', '/api/public/signin', { body: {} }],
  ['sign-in with a body that is no JSON', 'POST', '/api/public/signin', { body: '{' }],
  ['a token for any key', 'POST', '/api/public/auth-jwt', { body: { key: 'pX0c2mB4v7aJw1sQkT9eRdLhUyNfGoZi' } }],
  ['a token without a key', 'POST', '/api/public/auth-jwt', {}],
  ['the protected resource', 'GET', '/api/jwt/info', {}],
  ['the protected resource with a token', 'GET', '/api/jwt/info', { token: 'not.a.token' }],
  ['the protected resource with the headers of a gateway', 'GET', '/api/jwt/info', { headers: consumer }],
];

describe('without KONG_ADMIN_URL', () => {
  test.each(requests)('%s is 503 with one clear sentence, on both ports', async (_, method, path, sending) => {
    for (const origin of [app.origin, gatewayOrigin]) {
      const { status, body } = await send(origin + path, method, sending);
      expect({ status, body }).toEqual({ status: 503, body: { message: SENTENCE } });
    }
  });

  test('the GraphQL operations answer the same', async () => {
    const answers = {
      kongSignIn: await app.gql(KongSignInDocument, { input: ADMIN }),
      kongToken: await app.gql(KongTokenDocument, { input: { key: 'pX0c2mB4v7aJw1sQkT9eRdLhUyNfGoZi' } }),
      kongConsumer: await app.gql(KongConsumerDocument, {}, consumer),
    };
    for (const [field, { body }] of Object.entries(answers))
      expect(body).toEqual(refused(field, 'GATEWAY_NOT_CONFIGURED', SENTENCE));
  });

  test('everything else works', async () => {
    expect((await app.login(ADMIN.username, ADMIN.password)).accessToken).toEqual(expect.any(String));
    expect((await send(`${app.origin}/health/ready`)).status).toBe(200);
  });
});
