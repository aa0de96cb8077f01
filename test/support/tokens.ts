import { randomUUID } from 'node:crypto';
import { type JWTPayload, SignJWT } from 'jose';
import { SIGNER_KEY } from './app';

/** The raw UTF-8 bytes of the shared secret, as every service of the identity contract uses it. */
export const SHARED_KEY = new TextEncoder().encode(SIGNER_KEY);
export const ISSUER = 'edufinai.uth.vn';

/**
 * A token of the identity contract as another service signs it: no `jti`, no `uid`, no `aud`,
 * header of `alg` alone.
 */
export function foreignCompatToken(of: {
  subject: string;
  scope?: string;
  issuedAt: number;
  lifetime?: number;
  claims?: JWTPayload;
}): Promise<string> {
  const { subject, scope = '', issuedAt, lifetime = 3600, claims = {} } = of;
  return new SignJWT({ scope, sub: subject, iss: ISSUER, iat: issuedAt, exp: issuedAt + lifetime, ...claims })
    .setProtectedHeader({ alg: 'HS512' })
    .sign(SHARED_KEY);
}

/**
 * A token of the identity contract that names its user by id and itself by `jti`: with a session as
 * this service signs it, without one as an earlier service may have.
 */
export const compatToken = (
  of: Parameters<typeof foreignCompatToken>[0] & { userId: string; sessionId?: string },
): Promise<string> =>
  foreignCompatToken({
    ...of,
    claims: {
      jti: randomUUID(),
      uid: of.userId,
      ...(of.sessionId !== undefined && { sid: of.sessionId, token_use: 'compat' }),
      ...of.claims,
    },
  });
