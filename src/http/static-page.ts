import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { escapeHtml } from '../text/escape-html';
import { AssetFolder } from './asset-folder';
import { Document } from './document';

export interface StaticPage {
  /** Where the page is, for example `/docs`; its assets are below `<path>/assets/`. */
  path: string;
  /** The folder that the build wrote: index.html and assets/ with a hash in every name. */
  assetsDir: string;
  /** The page's name in the sentence that says it was not built. */
  title: string;
  contentSecurityPolicy: string;
  /** Values for the `{{name}}` places in index.html; escaped here. */
  values?: Record<string, string>;
}

/**
 * Serves one built page under its own content security policy; `app` must be an encapsulated instance. Without a build
 * it answers 503 and says how to make one: a missing page stops no server from starting.
 */
export async function serveStaticPage(app: FastifyInstance, page: StaticPage): Promise<void> {
  app.addHook('onRequest', async (_request, reply) => {
    reply
      .header('content-security-policy', page.contentSecurityPolicy)
      .header('x-content-type-options', 'nosniff')
      .header('referrer-policy', 'no-referrer');
  });
  const html = await readPage(page);
  if (html === null) {
    for (const url of [page.path, `${page.path}/*`]) app.get(url, (_request, reply) => sendNotBuilt(reply, page.title));
    return;
  }
  // no-cache: the page is small and names the hashed assets, so a new build shows at the next load
  const document = new Document(html, { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-cache' });
  app.get(page.path, (request, reply) => document.send(request, reply));
  // relative, since the page may be behind a path prefix; its own links need an address without a slash at the end
  app.get(`${page.path}/`, (_request, reply) => reply.redirect(`../${path.posix.basename(page.path)}`, 308));
  const assets = await AssetFolder.open(path.resolve(page.assetsDir, 'assets'));
  app.get<{ Params: { name: string } }>(`${page.path}/assets/:name`, (request, reply) =>
    assets.send(request.params.name, request, reply),
  );
}

/** The page's text, or null when it was not built. */
async function readPage({ assetsDir, values = {} }: StaticPage): Promise<string | null> {
  try {
    const html = await readFile(path.resolve(assetsDir, 'index.html'), 'utf8');
    return html.replace(/\{\{(\w+)\}\}/g, (place, name: string) =>
      name in values ? escapeHtml(values[name] ?? '') : place,
    );
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

function sendNotBuilt(reply: FastifyReply, title: string): FastifyReply {
  const sentence = `The ${title} was not built: run \`npm run build\` and start the server again.\n`;
  return reply.code(503).header('cache-control', 'no-store').type('text/plain; charset=utf-8').send(sentence);
}
