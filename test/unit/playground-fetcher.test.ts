import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { parse } from 'graphql';
import { createFetcher } from '../../web/playground/fetcher';
import { LastLogin } from '../../web/playground/last-login';

describe('the requests of the playground', () => {
  let server: Server;
  let answer: { status: number; text: string };
  let received: { headers: Record<string, unknown>; body: unknown };
  let send: ReturnType<typeof createFetcher>;

  beforeAll(async () => {
    server = createServer(async (request, response) => {
      let text = '';
      for await (const chunk of request) text += chunk;
      received = { headers: request.headers, body: JSON.parse(text) };
      response.writeHead(answer.status).end(answer.text);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });

  afterAll(() => server.close());

  beforeEach(() => {
    const { port } = server.address() as AddressInfo;
    const lastLogin = new LastLogin({ now: () => new Date() });
    const url = `http://127.0.0.1:${port}/graphql`;
    send = createFetcher({ url, streamUrl: `${url}/stream`, lastLogin, fetch });
  });

  test('carry the operation as JSON and, after a login, its token', async () => {
    answer = { status: 200, text: '{"data":{"login":{"tokens":{"accessToken":"a.1"}}}}' };
    expect(await send({ query: 'mutation { login }' })).toEqual({
      data: { login: { tokens: { accessToken: 'a.1' } } },
    });
    await send(
      { query: 'query Me { me }', operationName: 'Me', variables: { n: 1 } },
      { headers: { Authorization: 'Bearer <token>' } },
    );
    expect(received.body).toEqual({ query: 'query Me { me }', operationName: 'Me', variables: { n: 1 } });
    expect(received.headers).toMatchObject({ 'content-type': 'application/json', authorization: 'Bearer a.1' });
  });

  test('give GraphQL errors through, whatever the status', async () => {
    answer = { status: 401, text: '{"errors":[{"message":"Unauthenticated"}]}' };
    expect(await send({ query: '{ me }' })).toEqual({ errors: [{ message: 'Unauthenticated' }] });
  });

  test('give the errors of a subscription that the server refuses through', async () => {
    answer = { status: 401, text: '{"errors":[{"message":"Unauthenticated"}]}' };
    const query = 'query Other { me } subscription Own { accountChanged { kind } }';
    const documentAST = parse(query);
    const results = (await send({ query, operationName: 'Own' }, { documentAST })) as AsyncIterable<unknown>;
    const shown: unknown[] = [];
    for await (const result of results) shown.push(result);
    expect(shown).toEqual([{ errors: [{ message: 'Unauthenticated' }] }]);
    expect(received.headers).toMatchObject({ accept: 'text/event-stream' });
    expect(await send({ query, operationName: 'Other' }, { documentAST })).toEqual(shown[0]);
  });

  test('show the response when it is not JSON', async () => {
    answer = { status: 502, text: '<h1>Bad Gateway</h1>' };
    await expect(send({ query: '{ me }' })).rejects.toThrow(
      'The server answered 502 without JSON: <h1>Bad Gateway</h1>',
    );
  });
});
