import { readFile } from 'node:fs/promises';
import path from 'node:path';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance, FastifyReply } from 'fastify';

export interface StaticPage {
  /** Where the page is, for example `/docs`; its assets are below `<path>/assets/`. */
  path: string;
  /** The folder that the build wrote: index.html and assets/ with a hash in every name. */
  assetsDir: string;
  /** What the page is called in the sentence that says it was not built. */
  title: string;
  contentSecurityPolicy: string;
  /** Values for the `{{name}}` places in index.html; escaped here. */
  values?: Record<string, string>;
}

const YEAR_SECONDS = 31_536_000;

/**
 * Serves one built page under its own content security policy, on `app` and nowhere else: give it
 * an encapsulated instance. Without a build it answers 503 and says how to make one, so that a
 * server never fails to start over a page.
 */
export async function serveStaticPage(app: FastifyInstance, page: StaticPage): Promise<void> {
  app.addHook('onRequest', async (_request, reply) => setPageHeaders(reply, page.contentSecurityPolicy));
  const html = await readPage(page);
  if (html === null) {
    for (const url of [page.path, `${page.path}/*`]) app.get(url, (_request, reply) => sendNotBuilt(reply, page.title));
    return;
  }
  // no-cache: the page is small and names the hashed assets, so a new build shows at the next load
  app.get(page.path, (_request, reply) =>
    reply.header('cache-control', 'no-cache').type('text/html; charset=utf-8').send(html),
  );
  // Links in the page are relative to its folder (it may live behind a path prefix), so the address
  // must not end in a slash.
  app.get(`${page.path}/`, (_request, reply) => reply.redirect(`../${path.posix.basename(page.path)}`, 308));
  await app.register(fastifyStatic, {
    root: path.resolve(page.assetsDir, 'assets'),
    prefix: `${page.path}/assets/`,
    decorateReply: false,
    index: false,
    preCompressed: true,
    immutable: true,
    maxAge: YEAR_SECONDS * 1000,
  });
}

function setPageHeaders(reply: FastifyReply, contentSecurityPolicy: string): void {
  reply.header('content-security-policy', contentSecurityPolicy);
  reply.header('x-content-type-options', 'nosniff');
  reply.header('referrer-policy', 'no-referrer');
}

/** The page's text, or null when nothing was built. Other file errors are the caller's. */
async function readPage({ assetsDir, values = {} }: StaticPage): Promise<string | null> {
  try {
    const html = await readFile(path.resolve(assetsDir, 'index.html'), 'utf8');
    return html.replace(/\{\{(\w+)\}\}/g, (place, name: string) => (name in values ? escapeHtml(values[name]) : place));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

function sendNotBuilt(reply: FastifyReply, title: string): FastifyReply {
  const sentence = `The ${title} was not built: run \`npm run build\` and start the server again.\n`;
  return reply.code(503).header('cache-control', 'no-store').type('text/plain; charset=utf-8').send(sentence);
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
