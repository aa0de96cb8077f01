import http, { type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { startApp } from '../support/app';

interface SeenRequest {
  operationName: string | undefined;
  authorization: string | undefined;
}

export interface TestApp {
  url: string;
  /** What arrived at /graphql, in order. */
  requests: SeenRequest[];
  close(): Promise<void>;
}

/** The real server, behind a proxy that notes what the pages send to /graphql. */
export async function startTestApp(): Promise<TestApp> {
  const app = await startApp();
  const requests: SeenRequest[] = [];
  const proxy = http.createServer(async (request, response) => {
    const body = await buffer(request);
    if (request.url === '/graphql') requests.push(seen(request, body));
    const { hostname, port } = new URL(app.origin);
    const onward = http.request(
      { hostname, port, method: request.method, path: request.url, headers: request.headers },
      (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(response);
      },
    );
    onward.on('error', () => response.destroy());
    response.on('close', () => onward.destroy()); // a stream that the page has left
    onward.end(body);
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  const { port } = proxy.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    close: async () => {
      proxy.closeAllConnections();
      await new Promise((resolve) => proxy.close(resolve));
      await app.close();
    },
  };
}

function seen({ headers }: IncomingMessage, body: Buffer): SeenRequest {
  const { operationName } = JSON.parse(body.toString('utf8')) as { operationName?: string };
  return { operationName, authorization: headers.authorization };
}
