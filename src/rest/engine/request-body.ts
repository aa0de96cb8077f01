import { isUtf8 } from 'node:buffer';
import { z } from 'zod';
import type { Members } from './contract';
import { badRequest, RequestError } from './request-error';

/** A received body with the type that the client declares. */
export interface RawBody {
  readonly bytes: Buffer;
  readonly contentType: string | undefined;
}

type SchemaMembers = Readonly<Record<string, unknown>>;

/** An optional string; null counts as given. The operation checks lengths, which are shown here only. */
export const text = (description: string, example: string, schema: SchemaMembers = {}) =>
  z
    .string({ error: 'must be a string' })
    .nullish()
    .meta({ ...schema, description, examples: [example] });

/** An optional array of strings. */
export const texts = (description: string, example: string[], schema: SchemaMembers = {}) => {
  const error = 'must be an array of strings';
  return z
    .array(z.string({ error }), { error })
    .nullish()
    .meta({ ...schema, description, examples: [example] });
};

/** A string that the request is rejected without. */
export const requiredText = (description: string, example: string, schema: SchemaMembers = {}) =>
  z
    .string({ error: ({ input }) => ((input ?? null) === null ? 'is required' : 'must be a string') })
    .meta({ ...schema, description, examples: [example] });

/** A string that counts as empty when it is missing; the operation decides what that means. */
export const textOrEmpty = (description: string, example: string, schema: SchemaMembers = {}) =>
  z
    .preprocess((value) => value ?? '', z.string({ error: 'must be a string' }))
    .meta({ ...schema, description, examples: [example] });

/**
 * Picks the members of the schema out of a parsed body, so that nothing else reaches an operation.
 * @throws RequestError MALFORMED_BODY with every member of a wrong type
 */
export function readMembers<M extends Members>(schema: z.ZodObject<M>, body: unknown): z.output<z.ZodObject<M>> {
  if (typeof body !== 'object' || body === null || Array.isArray(body))
    throw badRequest('MALFORMED_BODY', 'body', 'The body must be a JSON object');
  // a copy has no inherited members
  const { data, error } = schema.safeParse({ ...body });
  if (!error) return data;
  const messages = new Map(error.issues.map(({ path: [field], message }) => [String(field), message]));
  const problems = [...messages].map(([field, message]) => ({ field, message: `${field} ${message}` }));
  throw new RequestError('MALFORMED_BODY', problems);
}

const JSON_TYPE = /^\s*(?:application\/(?:[\w.-]+\+)?json|text\/plain)\s*(?:;|$)/i;
const CHARSET = /;\s*charset\s*=\s*"?([\w.:-]+)/i;

/**
 * Parses JSON of any charset. `text/plain` is taken for JSON as well, because browsers declare it
 * for a body that is a string.
 * @throws RequestError UNSUPPORTED_MEDIA_TYPE, MALFORMED_BODY
 */
export function parseBody({ bytes, contentType }: RawBody): unknown {
  if (contentType !== undefined && !JSON_TYPE.test(contentType)) {
    throw badRequest('UNSUPPORTED_MEDIA_TYPE', 'content-type', 'Send the body as application/json');
  }
  try {
    return JSON.parse(decode(bytes, CHARSET.exec(contentType ?? '')?.[1]));
  } catch {
    throw badRequest(
      'MALFORMED_BODY',
      'body',
      bytes.length === 0 ? 'The body is missing' : 'The body is not valid JSON',
    );
  }
}

/** An unknown charset counts as UTF-8, the only one of RFC 8259 section 8.1. */
function decode(bytes: Buffer, charset: string | undefined): string {
  if (charset === undefined || /^utf-?8$/i.test(charset)) return decodeUtf8(bytes);
  let decoder: InstanceType<typeof TextDecoder>;
  try {
    decoder = new TextDecoder(charset, { fatal: true });
  } catch {
    return decodeUtf8(bytes);
  }
  return decoder.decode(bytes);
}

const BOM = '\u{FEFF}';

function decodeUtf8(bytes: Buffer): string {
  // replacement characters would make two different passwords equal
  if (!isUtf8(bytes)) throw new TypeError('not UTF-8');
  const text = bytes.toString('utf8');
  return text.startsWith(BOM) ? text.slice(1) : text;
}
