import http from 'node:http';

/** What the benchmark wants of this floor. */
export const settings = JSON.parse(process.env.FLOOR);

/**
 * A node:http server on the given port: `answer(request, response)` for everything but the question
 * whether it is ready.
 */
export function serve(answer) {
  const server = http.createServer((request, response) => {
    if (request.url === '/ready') return response.end('ready');
    Promise.resolve(answer(request, response)).catch((error) => {
      process.stderr.write(`${error.stack}\n`);
      response.writeHead(500).end();
    });
  });
  server.listen(settings.port, '127.0.0.1');
  process.on('SIGTERM', () => process.exit(0));
}

/** The whole body as text. */
export function bodyOf(request) {
  return new Promise((resolve, reject) => {
    let text = '';
    request.setEncoding('utf8');
    request.on('data', (chunk) => {
      text += chunk;
    });
    request.on('end', () => resolve(text));
    request.on('error', reject);
  });
}

export const JSON_HEADERS = { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' };

export function sendJson(response, text) {
  response.writeHead(200, { ...JSON_HEADERS, 'content-length': Buffer.byteLength(text) }).end(text);
}
