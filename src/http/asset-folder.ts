import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import type { FastifyReply, FastifyRequest } from 'fastify';

const TYPES: Record<string, string> = {
  '.css': 'text/css; charset=utf-8',
  '.js': 'application/javascript; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.ttf': 'font/ttf',
  '.txt': 'text/plain; charset=utf-8',
  '.woff2': 'font/woff2',
};

/**
 * The built files of one page, whose names carry a hash of their content. A file is read once, when it is first asked
 * for, and stays in memory: clients that do not read their answers hold no descriptors and no copies.
 */
export class AssetFolder {
  private readonly contents = new Map<string, Promise<Buffer>>();

  private constructor(
    private readonly folder: string,
    private readonly names: ReadonlySet<string>,
  ) {}

  static async open(folder: string): Promise<AssetFolder> {
    return new AssetFolder(folder, new Set(await readdir(folder)));
  }

  async send(name: string, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    const type = TYPES[path.extname(name)];
    if (!this.names.has(name) || type === undefined) {
      reply.callNotFound();
      return reply;
    }
    const isCompressed = this.names.has(`${name}.gz`) && /\bgzip\b/.test(request.headers['accept-encoding'] ?? '');
    if (isCompressed) reply.header('content-encoding', 'gzip');
    return reply
      .header('cache-control', 'public, max-age=31536000, immutable')
      .header('vary', 'accept-encoding')
      .type(type)
      .send(await this.content(isCompressed ? `${name}.gz` : name));
  }

  private content(name: string): Promise<Buffer> {
    const known = this.contents.get(name);
    if (known) return known;
    const content = readFile(path.join(this.folder, name));
    content.catch(() => this.contents.delete(name));
    this.contents.set(name, content);
    return content;
  }
}
