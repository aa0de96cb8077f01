import type { TokenRefusal } from '../../generated/operations';

export interface DecodedToken {
  header: Record<string, unknown>;
  claims: Record<string, unknown>;
}

/** Reads a JSON Web Token without checking its signature; null for anything else. */
export function decode(token: string): DecodedToken | null {
  const parts = token.split('.');
  if (parts.length !== 3) return null;
  try {
    return { header: read(parts[0]!), claims: read(parts[1]!) };
  } catch {
    return null;
  }
}

function read(part: string): Record<string, unknown> {
  const bytes = Uint8Array.from(atob(part.replaceAll('-', '+').replaceAll('_', '/')), (char) => char.charCodeAt(0));
  const value: unknown = JSON.parse(new TextDecoder().decode(bytes));
  if (typeof value !== 'object' || value === null) throw new TypeError('not an object');
  return value as Record<string, unknown>;
}

/**
 * Why a token cannot be accepted, as far as its content tells: for users whom the server does not
 * tell the reason.
 */
export function visibleRefusal(decoded: DecodedToken | null, now: number): TokenRefusal | 'HIDDEN' {
  if (!decoded) return 'MALFORMED';
  const { exp, nbf } = decoded.claims;
  if (typeof exp === 'number' && exp <= now) return 'EXPIRED';
  if (typeof nbf === 'number' && nbf > now) return 'NOT_YET_VALID';
  return 'HIDDEN';
}
