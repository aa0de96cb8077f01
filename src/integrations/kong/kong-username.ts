import { KongNameError } from './kong-errors';

/** Kong takes every path value of this shape, in either case, for an id, never for a name or key. */
export const UUID_SHAPE = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

const UUID_NAME_PREFIX = 'uuid:';
const PREFIXED_UUID = /^(?:uuid:)*[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** Encoded bytes of one path segment. Kong's nginx refuses request lines over 8 KiB. */
const MAX_ENCODED_LENGTH = 4096;

/**
 * The username under which Kong holds one of our users. Equal for nearly every name; a UUID-shaped
 * one gets a prefix, because Kong would take it for an id and never find it. A name that already
 * looks prefixed is prefixed again, so that no two users share a name in Kong.
 * @throws KongNameError for what Kong cannot hold or no URL can address: empty, `.`, `..`, NUL, a
 *   lone surrogate, or too long
 */
export function kongUsername(username: string): string {
  const mapped = PREFIXED_UUID.test(username) ? UUID_NAME_PREFIX + username : username;
  pathSegment(mapped);
  return mapped;
}

/** The inverse of kongUsername. */
export function usernameOfConsumer(kongName: string): string {
  const prefixed = kongName.startsWith(UUID_NAME_PREFIX) && PREFIXED_UUID.test(kongName);
  return prefixed ? kongName.slice(UUID_NAME_PREFIX.length) : kongName;
}

/**
 * Our username from the `X-Consumer-Username` that Kong sends upstream. Kong writes raw UTF-8
 * bytes, Node reads headers as Latin-1. Control characters arrive percent-encoded and stay so; no
 * account name has any.
 */
export function usernameFromKongHeader(value: string): string {
  return usernameOfConsumer(Buffer.from(value, 'latin1').toString('utf8'));
}

/**
 * One percent-encoded path segment.
 * @throws KongNameError where the URL would address something else: the WHATWG URL parser removes
 *   dot segments (encoded ones too), so `GET /consumers/..` becomes `GET /` and answers 200; an
 *   empty one is the list
 */
export function pathSegment(value: string): string {
  if (value === '') throw new KongNameError('The API gateway cannot hold an empty name.');
  if (value === '.' || value === '..')
    throw new KongNameError('The API gateway cannot hold a name that consists of dots only.');
  if (value.includes('\0')) throw new KongNameError('The API gateway cannot hold a name with a NUL character.');
  if (/\p{Surrogate}/u.test(value))
    throw new KongNameError('The API gateway cannot hold a name that is not well-formed Unicode.');
  const encoded = encodeURIComponent(value);
  if (encoded.length > MAX_ENCODED_LENGTH) throw new KongNameError('The API gateway cannot hold a name this long.');
  return encoded;
}
