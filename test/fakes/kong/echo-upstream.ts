import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface EchoUpstream {
  url: string;
  close(): Promise<void>;
}

/** An upstream that answers with what it received, header lines as they came. */
export async function startEchoUpstream(): Promise<EchoUpstream> {
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const { method, url, rawHeaders } = request;
    const lines = Array.from({ length: rawHeaders.length / 2 }, (_, i) => [rawHeaders[2 * i], rawHeaders[2 * i + 1]]);
    response.writeHead(200, { 'Content-Type': 'application/json' });
    response.write(
      JSON.stringify({ upstream: true, method, url, rawHeaders: lines, body: Buffer.concat(chunks).toString('utf8') }),
    );
    response.end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
