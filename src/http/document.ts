import { createHash } from 'node:crypto';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

/** A body that stays the same while the process runs: one buffer for all clients, revalidated by its ETag. */
export class Document {
  private readonly body: Buffer;
  private readonly etag: string;

  constructor(
    content: string | Buffer,
    private readonly headers: { 'content-type': string; 'cache-control': string },
  ) {
    this.body = Buffer.from(content);
    this.etag = `"${createHash('sha256').update(this.body).digest('base64url').slice(0, 27)}"`;
  }

  /** Answers 200 with the body, or 304 where the client has it already (RFC 9110 section 13.1.2). */
  send(request: FastifyRequest, reply: FastifyReply): FastifyReply {
    reply.headers(this.headers).header('etag', this.etag);
    return this.isKnownTo(request) ? reply.code(304).send() : reply.send(this.body);
  }

  private isKnownTo({ headers }: FastifyRequest): boolean {
    const known = headers['if-none-match'];
    return known?.split(',').some((tag) => ['*', this.etag, `W/${this.etag}`].includes(tag.trim())) ?? false;
  }
}

/** Serves a document that is built when it is first asked for, so that the start does not wait for it. */
export function serveJson(
  app: FastifyInstance,
  path: string,
  { content, cacheControl }: { content: () => unknown; cacheControl: string },
): void {
  let document: Document | undefined;
  app.get(path, (request, reply) => {
    document ??= new Document(JSON.stringify(content()), {
      'content-type': 'application/json; charset=utf-8',
      'cache-control': cacheControl,
    });
    return document.send(request, reply);
  });
}
