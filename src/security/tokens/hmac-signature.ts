import { createHmac, createSecretKey, type KeyObject, timingSafeEqual } from 'node:crypto';
import { jsonObject, type Signature, type SignedParts } from './signature';
import { TokenError } from './token-error';

const ALG = 'HS512';

/**
 * HS512 with a shared secret. It is computed synchronously: it takes microseconds, and WebCrypto's threads would cost
 * ten times as much.
 */
export class HmacSignature implements Signature {
  private readonly secret: KeyObject;
  private readonly former: KeyObject | undefined;

  /** @param former another secret, which verifies and does not sign */
  constructor(secret: Uint8Array, former?: Uint8Array) {
    this.secret = createSecretKey(secret);
    this.former = former && createSecretKey(former);
  }

  /** The same claims in the same order give the same token. */
  async sign(payload: Uint8Array, typ: string | undefined): Promise<string> {
    const header = { alg: ALG, ...(typ && { typ }) };
    const signed = `${base64url(JSON.stringify(header))}.${base64url(payload)}`;
    return `${signed}.${hmac(this.secret, signed).toString('base64url')}`;
  }

  /** No part of the token is parsed before its signature is right. */
  verify(token: string): SignedParts {
    const first = token.indexOf('.');
    const last = token.lastIndexOf('.');
    const signed = token.slice(0, last);
    const given = Buffer.from(token.slice(last + 1), 'base64url');
    if (!isHmac(this.secret, signed, given) && !(this.former && isHmac(this.former, signed, given)))
      throw new TokenError('WRONG_SIGNATURE');
    const header = jsonObject(Buffer.from(token.slice(0, first), 'base64url'));
    if (header.alg !== ALG) throw new TokenError('WRONG_SIGNATURE');
    return { header, payload: jsonObject(Buffer.from(token.slice(first + 1, last), 'base64url')) };
  }
}

const base64url = (content: string | Uint8Array): string => Buffer.from(content).toString('base64url');

const hmac = (secret: KeyObject, signed: string): Buffer => createHmac('sha512', secret).update(signed).digest();

function isHmac(secret: KeyObject, signed: string, given: Buffer): boolean {
  const expected = hmac(secret, signed);
  return given.length === expected.length && timingSafeEqual(given, expected);
}
