import { hash, randomUUID } from 'node:crypto';
import { decodeProtectedHeader, type JWTPayload } from 'jose';
import type { Clock } from '../../config/clock';
import { parseScope } from '../scopes';
import { Jws, JwsError } from './jws';
import type { SigningKeys } from './signing-keys';
import type { TokenKind } from './token-kinds';

export interface TokenSettings {
  issuer: string;
  audience: string;
  /** Lifetimes in seconds. */
  compatTtl: number;
  compatRefreshable: number;
  accessTtl: number;
  /**
   * Access tokens carry `typ: at+jwt` in every case (RFC 9068); the identity contract's header has
   * no room for it.
   */
  typedCompatTokens: boolean;
}

/** A token whose signature, issuer and form are right. Whether it is accepted depends on its account too. */
export interface VerifiedToken {
  kind: TokenKind;
  /** User name (identity) or user id (session). */
  subject: string;
  /** Id of the account in compat tokens of this service; a token of an earlier service has none. */
  userId: string | null;
  tokenVersion: number | null;
  sessionId: string | null;
  /** Its key in the deny list. */
  key: string;
  scopes: string[];
  issuedAt: number;
  expiresAt: number;
  claims: JWTPayload;
}

/** Why a token is refused; never shown with the token. */
export class TokenError extends Error {
  constructor(readonly reason: 'expired' | 'invalid') {
    super(`token ${reason}`);
    this.name = 'TokenError';
  }
}

/** More than any token of this server; a longer one is not parsed. */
const MAX_TOKEN_LENGTH = 16_384;
const CLOCK_LEEWAY = 60;

export interface Subject {
  userId: string;
  username: string;
  email: string | null;
  tokenVersion: number;
  scopes: readonly string[];
  /** The first role by precedence, for the session contract. */
  primaryRole: string;
}

/** Signs and verifies compat tokens and session access tokens. */
export class AccessTokens {
  private readonly jws: Jws;

  constructor(
    keys: SigningKeys,
    private readonly settings: TokenSettings,
    private readonly clock: Clock,
  ) {
    this.jws = new Jws(keys.access, settings.issuer);
  }

  /**
   * The identity contract's token: header exactly {"alg":"HS512"}, `sub` the user name, `scope`
   * always present.
   */
  async issueCompatToken(subject: Subject): Promise<{ token: string; expiresIn: number; key: string }> {
    const { compatTtl: expiresIn } = this.settings;
    const jti = randomUUID();
    const payload = { scope: subject.scopes.join(' '), uid: subject.userId, ver: subject.tokenVersion };
    const token = await this.sign(payload, {
      subject: subject.username,
      expiresIn,
      jti,
      typ: this.settings.typedCompatTokens,
    });
    return { token, expiresIn, key: `jti:${jti}` };
  }

  /**
   * RFC 9068 section 2.2, with the claims that the session contract names: user_id, email, role.
   */
  async issueSessionToken(subject: Subject, sessionId: string): Promise<{ token: string; expiresIn: number }> {
    const { accessTtl: expiresIn, audience } = this.settings;
    const payload = {
      aud: audience,
      client_id: audience,
      sid: sessionId,
      scope: subject.scopes.join(' '),
      user_id: subject.userId,
      username: subject.username,
      email: subject.email,
      role: subject.primaryRole,
    };
    const token = await this.sign(payload, { subject: subject.userId, expiresIn, jti: randomUUID(), typ: true });
    return { token, expiresIn };
  }

  private sign(
    payload: JWTPayload,
    header: { subject: string; expiresIn: number; jti: string; typ: boolean },
  ): Promise<string> {
    const now = Math.floor(this.clock.now().getTime() / 1000);
    const claims = {
      ...payload,
      sub: header.subject,
      iss: this.settings.issuer,
      iat: now,
      exp: now + header.expiresIn,
      jti: header.jti,
    };
    return this.jws.sign(claims, header.typ ? 'at+jwt' : undefined);
  }

  /**
   * Checks signature, algorithm, type, issuer, audience and times (RFC 8725 section 3, RFC 9068
   * section 4).
   * @param options.expired `accept` for refresh and logout, which take a token after its end too
   * @throws TokenError
   */
  async verify(token: string, options: { expired?: 'accept' } = {}): Promise<VerifiedToken> {
    if (token.length > MAX_TOKEN_LENGTH) throw new TokenError('invalid');
    const now = Math.floor(this.clock.now().getTime() / 1000);
    const { payload, typ } = await this.jws.verify(token).catch((error: unknown) => {
      throw error instanceof JwsError ? new TokenError('invalid') : error;
    });
    const result = this.read(payload, this.kindOf(typ, payload), token);
    if (result.issuedAt > now + CLOCK_LEEWAY || (payload.nbf !== undefined && payload.nbf > now + CLOCK_LEEWAY))
      throw new TokenError('invalid');
    if (result.expiresAt <= now && options.expired !== 'accept') throw new TokenError('expired');
    return result;
  }

  /** When a compat token can no longer be refreshed, in seconds since the epoch. */
  refreshableUntil(token: VerifiedToken): number {
    return token.issuedAt + this.settings.compatRefreshable;
  }

  private kindOf(typ: string | undefined, payload: JWTPayload): TokenKind {
    const hasSession = typeof payload.sid === 'string';
    if (this.settings.typedCompatTokens) {
      if (typ !== 'at+jwt') throw new TokenError('invalid');
      return hasSession ? 'session' : 'compat';
    }
    if (typ === 'at+jwt' && hasSession) return 'session';
    if ((typ === undefined || typ === 'jwt') && !hasSession) return 'compat';
    throw new TokenError('invalid');
  }

  private read(payload: JWTPayload, kind: TokenKind, token: string): VerifiedToken {
    const { sub, iat, exp, jti, aud, sid, uid, ver } = payload;
    if (typeof sub !== 'string' || sub === '' || !isMoment(iat) || !isMoment(exp)) throw new TokenError('invalid');
    const audiences = aud === undefined ? undefined : [aud as unknown].flat();
    if ((kind === 'session' || audiences !== undefined) && !audiences?.includes(this.settings.audience))
      throw new TokenError('invalid');
    return {
      kind,
      subject: sub,
      userId: typeof uid === 'string' ? uid : null,
      tokenVersion: typeof ver === 'number' ? ver : null,
      sessionId: kind === 'session' ? (sid as string) : null,
      key: typeof jti === 'string' && PLAIN_ID.test(jti) ? `jti:${jti}` : signedPartKey(token),
      scopes: parseScope(payload.scope),
      issuedAt: iat as number,
      expiresAt: exp as number,
      claims: payload,
    };
  }
}

/** What fits into a row of the deny list; a token with any other `jti` is known by its signed part. */
const PLAIN_ID = /^[\x21-\x7e]{1,200}$/;

/** Seconds since the epoch that a Date can hold (RFC 7519 section 2, NumericDate). */
const isMoment = (value: unknown): value is number => typeof value === 'number' && Math.abs(value) <= 8.64e12;

/** Of the signed part alone: the last character of a signature can change without changing its bytes. */
function signedPartKey(token: string): string {
  return `sha256:${hash('sha256', token.slice(0, token.lastIndexOf('.')), 'hex')}`;
}

/** SHA-256 of a token, hexadecimal: how tokens are kept in caches and tables. */
export function tokenHash(token: string): string {
  return hash('sha256', token, 'hex');
}

/** The `typ` of a token that is not verified yet: decides how it is verified, and nothing else. */
export function claimedType(token: string): string | undefined {
  if (token.length > MAX_TOKEN_LENGTH) return undefined;
  try {
    return decodeProtectedHeader(token).typ;
  } catch {
    return undefined;
  }
}
