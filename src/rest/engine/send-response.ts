import type { FastifyReply, FastifyRequest } from 'fastify';
import { languageOf } from '../../http/request-caller';
import type { Contract, Failure } from './contract';

const JSON_TYPE = 'application/json; charset=utf-8';
/** Seconds, where the error does not say how long. */
const RETRY_AFTER = 2;

/** Sends a body as JSON, or no body for undefined, as with a 204. */
export function sendJson(reply: FastifyReply, status: number, body: unknown): FastifyReply {
  reply.code(status);
  return body === undefined ? reply.send() : reply.header('content-type', JSON_TYPE).send(JSON.stringify(body));
}

/** Sends a failure in the contract's form, with the headers of its status. */
export function sendFailure(
  contract: Contract,
  failure: Failure,
  { request, reply, result }: { request: FastifyRequest; reply: FastifyReply; result?: unknown },
): FastifyReply {
  const mapping = contract.errors[failure.code];
  const challenge = challengeOf(failure, mapping.status, contract.channel.name);
  if (challenge) reply.header('www-authenticate', challenge);
  if (mapping.status === 429 || mapping.status === 503)
    reply.header('retry-after', String(failure.params.retryAfter ?? RETRY_AFTER));
  const language = languageOf(request, contract.language);
  return sendJson(reply, mapping.status, contract.failure(failure, mapping, { language, result }));
}

/**
 * Every 401 has a challenge (RFC 9110 section 15.5.2), without an error code where no token was
 * sent (RFC 6750 section 3).
 */
function challengeOf({ code, params }: Failure, status: number, realm: string): string | undefined {
  if (code === 'FORBIDDEN') return `Bearer realm="${realm}", error="insufficient_scope"`;
  if (status !== 401) return undefined;
  if (code !== 'UNAUTHENTICATED' || params.reason === undefined || params.reason === 'missing')
    return `Bearer realm="${realm}"`;
  const description = params.reason === 'expired' ? 'The access token expired' : 'The access token is not valid';
  return `Bearer realm="${realm}", error="invalid_token", error_description="${description}"`;
}
