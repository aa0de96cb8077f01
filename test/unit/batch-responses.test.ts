import { once } from 'node:events';
import net, { type AddressInfo } from 'node:net';
import { PassThrough } from 'node:stream';
import Fastify, { type FastifyInstance } from 'fastify';
import { batchResponses } from '../../src/http/batch-responses';

let app: FastifyInstance;
let order: string[];

beforeEach(() => {
  order = [];
  app = Fastify();
  app.get('/text', async () => 'text');
  app.get('/nothing', (_request, reply) => reply.code(204).send());
  app.get('/stream', (_request, reply) => reply.send(new PassThrough().end('streamed')));
  app.get('/broken', async () => {
    throw new Error('broken');
  });
});

afterEach(() => app.close());

/**
 * Three clients whose requests are there when the server looks, which is in one turn. @returns what
 * each of them read
 */
async function threeAtOnce(): Promise<Promise<string>[]> {
  app.addHook('onRequest', async () => void order.push('came'));
  app.addHook('onSend', async () => void order.push('written')); // after the hook that is tested
  await app.listen({ host: '127.0.0.1', port: 0 });
  const { port } = app.server.address() as AddressInfo;
  const sockets = [1, 2, 3].map(() => net.connect(port, '127.0.0.1'));
  await Promise.all(sockets.map((socket) => once(socket, 'connect')));
  while ((await connections()) < 3) await new Promise((resolve) => setImmediate(resolve));
  for (const socket of sockets) socket.write('GET /text HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n');
  return sockets.map(readAll);
}

const connections = () =>
  new Promise<number>((resolve) => app.server.getConnections((_error, count) => resolve(count)));

async function readAll(socket: net.Socket): Promise<string> {
  let text = '';
  for await (const chunk of socket) text += chunk;
  return text;
}

const ANSWER = expect.stringMatching(/^HTTP\/1\.1 200 OK\r\n[\s\S]*\r\n\r\ntext$/);

test('the answers of one turn are written when all its requests have been worked on', async () => {
  batchResponses(app);
  expect(await Promise.all(await threeAtOnce())).toEqual([ANSWER, ANSWER, ANSWER]);
  expect(order).toEqual(['came', 'came', 'came', 'written', 'written', 'written']);
});

test('without it each is written before the next request is looked at', async () => {
  expect(await Promise.all(await threeAtOnce())).toEqual([ANSWER, ANSWER, ANSWER]);
  expect(order).toEqual(['came', 'written', 'came', 'written', 'came', 'written']);
});

test('nothing is lost when the server closes meanwhile', async () => {
  batchResponses(app);
  app.addHook('preHandler', async () => {
    if (order.length === 3) void app.close(); // all of them have come, none is written
  });
  expect(await Promise.all(await threeAtOnce())).toEqual([ANSWER, ANSWER, ANSWER]);
});

test.each([
  ['/text', 200, 'text'],
  ['/nothing', 204, ''],
  ['/stream', 200, 'streamed'],
  ['/broken', 500, '{"statusCode":500,"error":"Internal Server Error","message":"broken"}'],
  ['/elsewhere', 404, '{"message":"Route GET:/elsewhere not found","error":"Not Found","statusCode":404}'],
])('%s is answered as before', async (url, status, body) => {
  batchResponses(app);
  const response = await app.inject(url);
  expect([response.statusCode, response.body]).toEqual([status, body]);
});
