import { isUtf8 } from 'node:buffer';
import type { FastifyInstance } from 'fastify';
import { AppError } from '../errors/app-error';

/** Parses JSON of valid UTF-8 and keeps the members of a GraphQL request (GraphQL over HTTP, section 5.1). */
export function readGraphqlBodies(app: FastifyInstance): void {
  const parse = app.getDefaultJsonParser('error', 'error');
  app.addContentTypeParser<Buffer>('application/json', { parseAs: 'buffer' }, (request, bytes, done) => {
    // replacement characters would make two different passwords equal
    if (!isUtf8(bytes)) return done(new AppError('BAD_REQUEST', { detail: 'The body is not valid UTF-8' }));
    parse(request, bytes.toString('utf8'), (error, body) => done(error, error ? undefined : requestMembers(body)));
  });
}

const REQUEST_MEMBERS = new Set(['query', 'variables', 'operationName', 'extensions']);

function requestMembers(body: unknown): unknown {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return body;
  for (const name of Object.keys(body)) if (!REQUEST_MEMBERS.has(name)) delete (body as Record<string, unknown>)[name];
  return body;
}
