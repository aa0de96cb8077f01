import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { networkInterfaces } from 'node:os';
import Fastify, { type FastifyInstance } from 'fastify';
import { Connections } from '../../src/http/connections';
import { eventually } from '../support/eventually';

const hasV6 = Object.values(networkInterfaces()).some((all) => all?.some(({ address }) => address === '::1'));
/** Of this machine, besides 127.0.0.1; on Linux all of 127.0.0.0/8 is. */
const SECOND = hasV6 ? '::1' : '127.0.0.2';

let app: FastifyInstance;
let connections: Connections;
let port: number;
let begun: number;
let handled: number;
/** Lets the requests to /slow be answered. */
let release: () => void;
beforeEach(async () => {
  connections = new Connections();
  begun = 0;
  handled = 0;
  const isReleased = new Promise<void>((resolve) => {
    release = resolve;
  });
  app = Fastify({
    serverFactory: (handler, options) => connections.serve(handler, options),
    clientErrorHandler: (_error, socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\nnot like this'),
  });
  app.addHook('preClose', () => connections.close());
  app.get('/slow', async () => {
    begun++;
    await isReleased;
    handled++;
    return 'done';
  });
  await app.listen({ host: '127.0.0.1', port: 0 });
  port = (app.server.address() as { port: number }).port;
  await connections.listenAlso([SECOND], port);
});
afterEach(() => app.close());

const origins = () => ['127.0.0.1', SECOND].map((host) => `http://${host.includes(':') ? `[${host}]` : host}:${port}`);
const get = async (origin: string) => (await fetch(`${origin}/slow`)).text();

test('every address answers', async () => {
  release();
  expect(await Promise.all(origins().map(get))).toEqual(['done', 'done']);
});

test('closing waits for the requests under way on every address, and for no silent connection', async () => {
  const silent = [connect(port, '127.0.0.1'), connect(port, SECOND)];
  for (const socket of silent) socket.on('error', () => {});
  await Promise.all(silent.map((socket) => once(socket, 'connect')));
  const underWay = origins().map(get);
  await eventually('both requests', () => begun === 2);
  const ended = silent.map((socket) => once(socket, 'close'));
  const closing = app.close();
  await Promise.all(ended);
  expect(handled).toBe(0);
  release();
  await closing;
  expect(handled).toBe(2);
  expect(await Promise.all(underWay)).toEqual(['done', 'done']);
});

test('a connection that is kept alive ends with its answer, when the server is closing', async () => {
  const socket = connect(port, SECOND);
  socket.write('GET /slow HTTP/1.1\r\nhost: x\r\nconnection: keep-alive\r\n\r\n');
  await eventually('the request', () => begun === 1);
  let answer = '';
  socket.setEncoding('utf8').on('data', (text) => {
    answer += text;
  });
  const ended = Promise.all([app.close(), once(socket, 'close')]);
  release();
  await ended;
  expect(answer).toMatch(/^HTTP\/1\.1 200 OK\r\n[\s\S]*done$/);
});

test('a client that keeps its half of the connection open does not hold up the end', async () => {
  const patient = new Connections(2 ** 31 - 1);
  const own = Fastify({ serverFactory: (handler, options) => patient.serve(handler, options) });
  own.addHook('preClose', () => patient.close());
  let answer = () => {};
  own.get('/', () => new Promise((resolve) => (answer = () => resolve('done'))));
  await own.listen({ host: '127.0.0.1', port: 0 });
  const socket = connect({ port: (own.server.address() as { port: number }).port, allowHalfOpen: true });
  socket.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n');
  await once(own.server, 'request');
  const closing = own.close();
  answer();
  expect(String((await once(socket, 'data'))[0])).toContain('done');
  await closing;
  expect(socket.writable).toBe(true);
  socket.destroy();
});

test('what is no HTTP is answered alike on every address', async () => {
  for (const host of ['127.0.0.1', SECOND]) {
    const socket = connect(port, host);
    socket.write('this is no HTTP\r\n\r\n');
    const [answer] = await once(socket.setEncoding('utf8'), 'data');
    expect(answer).toContain('not like this');
    socket.destroy();
  }
});

test('closing twice, and without any connection, frees the port', async () => {
  await app.close();
  await app.close();
  await connections.close();
  const next = createServer().listen(port, '127.0.0.1');
  await once(next, 'listening');
  next.close();
});

test('an address that this machine does not have is left out; a port that is taken is an error', async () => {
  await connections.listenAlso(['192.0.2.1'], port);
  await expect(connections.listenAlso([SECOND], port)).rejects.toMatchObject({ code: 'EADDRINUSE', port });
});

describe('a client that pipelines', () => {
  const request = 'GET /slow HTTP/1.1\r\nhost: x\r\n\r\n';

  test('has at most 16 requests handled at once, and gets every answer in order', async () => {
    let underWay = 0;
    let most = 0;
    let next = 0;
    await app.close();
    connections = new Connections();
    app = Fastify({ serverFactory: (handler, options) => connections.serve(handler, options) });
    app.addHook('preClose', () => connections.close());
    app.get('/slow', async () => {
      const number = next++;
      most = Math.max(most, ++underWay);
      await new Promise((resolve) => setTimeout(resolve, 1 + (number % 3)));
      underWay--;
      return `<${number}>`;
    });
    await app.listen({ host: '127.0.0.1', port: 0 });
    const socket = connect((app.server.address() as { port: number }).port, '127.0.0.1');
    let answers = '';
    socket.setEncoding('utf8').on('data', (text) => {
      answers += text;
    });
    socket.write(request.repeat(2000));
    while (!answers.includes('<1999>')) await once(socket, 'data');
    expect([...answers.matchAll(/<(\d+)>/g)].map(([, number]) => Number(number))).toEqual([...Array(2000).keys()]);
    expect(most).toBe(16);
    socket.destroy();
  });

  test('is cut where too many requests wait on all connections together, and others are served', async () => {
    const sockets = Array.from({ length: 4 }, () => connect(port, '127.0.0.1'));
    const cut = Promise.race(
      sockets.map((socket) =>
        once(
          socket.on('error', () => {}),
          'close',
        ),
      ),
    );
    for (const socket of sockets) socket.write(request.repeat(2000));
    await cut;
    release();
    for (const socket of sockets) socket.destroy();
    expect(await get(origins()[0]!)).toBe('done');
  });
});
