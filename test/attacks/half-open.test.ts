import { once } from 'node:events';
import { connect } from 'node:net';
import { startApp, type TestApp } from '../support/app';
import { eventually } from '../support/eventually';

let app: TestApp;
beforeAll(async () => {
  app = await startApp();
});
afterAll(() => app.close());

test('a client whose request cannot be read, and which goes on sending, is cut', async () => {
  const socket = connect({ port: Number(new URL(app.origin).port), host: '127.0.0.1', allowHalfOpen: true });
  socket.on('error', () => undefined);
  socket.write('POST /graphql HTTP/1.1\r\nhost: localhost\r\ntransfer-encoding: chunked\r\n\r\nnot a size\r\n');
  const [answer] = (await once(socket, 'data')) as [Buffer];
  expect(answer.toString()).toMatch(/^HTTP\/1\.1 400 /);
  await eventually('the connection is cut', () => {
    if (socket.writable) socket.write(' ');
    return socket.destroyed;
  });
});
