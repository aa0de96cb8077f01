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

export type Refusal = 'malformed' | 'algorithm' | 'expired' | 'early' | 'ended';

/**
 * Why the server does not accept a token, as far as its content tells: the signature and the session
 * are known to the server alone.
 */
export function refusalOf(decoded: DecodedToken | null, now: number): Refusal {
  if (!decoded) return 'malformed';
  const { header, claims } = decoded;
  if (typeof header.alg !== 'string' || header.alg.toLowerCase() === 'none') return 'algorithm';
  if (typeof claims.exp === 'number' && claims.exp <= now) return 'expired';
  if (typeof claims.nbf === 'number' && claims.nbf > now) return 'early';
  return 'ended';
}
