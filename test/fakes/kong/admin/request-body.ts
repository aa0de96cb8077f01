import { htmlAnswer, Refusal, unexpectedError, unparsable } from './answers';

export type Input = Record<string, unknown>;

export const MAX_BODY_BYTES = 10 * 1024 * 1024;

/**
 * The members of a request body, with Kong's own manners: the type is compared as a case-sensitive
 * prefix, a body without a known type is a 415 page, JSON that is empty is a 400, a bare scalar or
 * null is a 500, and so is text that PostgreSQL cannot hold.
 */
export function readInput(contentType: string | undefined, body: Buffer): Input {
  if (contentType === undefined && body.length === 0) return {};
  if (contentType?.startsWith('application/json')) return readJson(body);
  if (contentType?.startsWith('application/x-www-form-urlencoded'))
    return Object.fromEntries(new URLSearchParams(body.toString('utf8')));
  throw new Refusal(htmlAnswer(415));
}

function readJson(body: Buffer): Input {
  const text = body.toString('utf8');
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new Refusal(unparsable);
  }
  if (hasText(value, (part) => /\p{Surrogate}/u.test(part))) throw new Refusal(unparsable);
  if (typeof value !== 'object' || value === null) throw new Refusal(unexpectedError);
  const invalidBytes = !body.equals(Buffer.from(text, 'utf8'));
  if (invalidBytes || hasText(value, (part) => part.includes('\0'))) throw new Refusal(unexpectedError);
  return Array.isArray(value) ? {} : (value as Input);
}

function hasText(value: unknown, matches: (text: string) => boolean): boolean {
  if (typeof value === 'string') return matches(value);
  return typeof value === 'object' && value !== null && Object.values(value).some((member) => hasText(member, matches));
}
