import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { FastifyPluginAsync, FastifyReply } from 'fastify';
import { escapeHtml } from '../../text/escape-html';
import { AssetFolder } from '../asset-folder';
import { Document } from '../document';

export interface ConsoleOptions {
  /** The folder that the build wrote, for example `dist/console`; null where there is none. */
  assetsDir: string | null;
  /** Where clients find the server: its path comes before `/console`. */
  publicUrl: string;
}

// The component library sets styles from script, hence 'unsafe-inline'; scripts come from files only.
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "connect-src 'self'",
  "img-src 'self' data:",
  "font-src 'self'",
  "base-uri 'self'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const NOT_BUILT =
  'There is no console here. Unless CONSOLE is off, `npm ci && npm run build` builds it for the next start.\n';

/** The console at `/console`: every address below it is a page of the same application. */
export function consolePlugin({ assetsDir, publicUrl }: ConsoleOptions): FastifyPluginAsync {
  return async (app) => {
    app.addHook('onRequest', async (_request, reply) => {
      reply
        .header('content-security-policy', CONTENT_SECURITY_POLICY)
        .header('x-content-type-options', 'nosniff')
        .header('referrer-policy', 'no-referrer');
    });
    if (assetsDir === null) {
      for (const url of ['/console', '/console/*']) app.get(url, (_request, reply) => sendNotBuilt(reply));
      return;
    }
    const html = await readFile(path.join(assetsDir, 'index.html'), 'utf8');
    const base = new URL('console/', `${publicUrl.replace(/\/$/, '')}/`).pathname;
    const page = new Document(html.replace('{{base}}', escapeHtml(base)), {
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-cache',
    });
    for (const url of ['/console', '/console/*']) app.get(url, (request, reply) => page.send(request, reply));
    const assets = await AssetFolder.open(path.join(assetsDir, 'assets'));
    app.get<{ Params: { name: string } }>('/console/assets/:name', (request, reply) =>
      assets.send(request.params.name, request, reply),
    );
  };
}

function sendNotBuilt(reply: FastifyReply): FastifyReply {
  return reply.code(404).header('cache-control', 'no-store').type('text/plain; charset=utf-8').send(NOT_BUILT);
}
