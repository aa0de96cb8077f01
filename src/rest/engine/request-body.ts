import { isUtf8 } from 'node:buffer';
import { badRequest } from './request-error';

/** A body as it came, with the type that the client gave it. */
export interface RawBody {
  readonly bytes: Buffer;
  readonly contentType: string | undefined;
}

const JSON_TYPE = /^\s*(?:application\/(?:[\w.-]+\+)?json|text\/plain)\s*(?:;|$)/i;
const CHARSET = /;\s*charset\s*=\s*"?([\w.:-]+)/i;

/**
 * JSON is what calls itself JSON, in whatever charset, and also `text/plain`, which is what a
 * browser says of a string.
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

/**
 * RFC 8259 section 8.1 knows UTF-8 alone, which is what a charset that nobody knows is taken for.
 */
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
  // replacement characters would let two different passwords be one
  if (!isUtf8(bytes)) throw new TypeError('not UTF-8');
  const text = bytes.toString('utf8');
  return text.startsWith(BOM) ? text.slice(1) : text;
}
