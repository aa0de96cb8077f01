import { hash, randomUUID } from 'node:crypto';
import { decodeProtectedHeader, type JWTPayload } from 'jose';
import type { Clock } from '../../config/clock';
import { tokensIssued } from '../../observability/metrics/metrics';
import { parseScope } from '../scopes';
import { Jws } from './jws';
import type { SigningKeys } from './signing-keys';
import { TokenError } from './token-error';
import type { TokenKind } from './token-kinds';

export interface TokenSettings {
  issuer: string;
  audience: string;
  /** Lifetimes in seconds. */
  compatTtl: number;
  compatRefreshable: number;
  accessTtl: number;
  /**
   * Compat tokens as RFC 9068 has them, with `typ: at+jwt`, audience and the user id as `sub`. The
   * identity contract's header and `sub` leave no room for that.
   */
  standardCompatTokens: boolean;
}

/** A token whose signature, issuer and form are right. Whether it is accepted depends on its account too. */
export interface VerifiedToken {
  kind: TokenKind;
  /** User id, or in compat tokens of the identity contract the user name. */
  subject: string;
  /** Null in a compat token of an earlier service, as is its session. */
  userId: string | null;
  sessionId: string | null;
  /** Its key in the deny list. */
  key: string;
  scopes: string[];
  issuedAt: number;
  expiresAt: number;
  claims: JWTPayload;
}

/** More than any token of this server; a longer one is not parsed. */
const MAX_TOKEN_LENGTH = 16_384;
/** In seconds. */
const CLOCK_LEEWAY = 60;
/** RFC 9068 section 2.1. */
const ACCESS_TOKEN_TYPE = 'at+jwt';

export interface Subject {
  userId: string;
  username: string;
  email: string | null;
  scopes: readonly string[];
  /** The first role by precedence, for the session contract. */
  primaryRole: string;
}

/** The session that a token belongs to. */
export interface TokenSession {
  id: string;
  /** When its user logged in, the `auth_time` of all its tokens (RFC 9068 section 2.2.1). */
  openedAt: Date;
}

/** Signs and verifies compat tokens and session access tokens. */
export class AccessTokens {
  private readonly jws: Jws;

  constructor(
    keys: Pick<SigningKeys, 'access'>,
    private readonly settings: TokenSettings,
    private readonly clock: Clock,
  ) {
    this.jws = new Jws(keys.access, settings.issuer);
  }

  /** @returns the token and its lifetime in seconds */
  async issue(kind: TokenKind, subject: Subject, session: TokenSession): Promise<{ token: string; expiresIn: number }> {
    const { issuer, accessTtl, compatTtl, standardCompatTokens } = this.settings;
    const isStandard = kind === 'session' || standardCompatTokens;
    const expiresIn = kind === 'session' ? accessTtl : compatTtl;
    const now = Math.floor(this.clock.now().getTime() / 1000);
    const claims = {
      ...(isStandard ? this.standardClaims(subject) : { uid: subject.userId }),
      ...(kind === 'session' && { user_id: subject.userId, email: subject.email, role: subject.primaryRole }),
      scope: subject.scopes.join(' '),
      token_use: kind,
      sid: session.id,
      auth_time: Math.floor(session.openedAt.getTime() / 1000),
      sub: isStandard ? subject.userId : subject.username,
      iss: issuer,
      iat: now,
      exp: now + expiresIn,
      jti: randomUUID(),
    };
    const token = await this.jws.sign(claims, isStandard ? ACCESS_TOKEN_TYPE : undefined);
    tokensIssued.inc({ kind });
    return { token, expiresIn };
  }

  /** RFC 9068 section 2.2, beyond what every token carries. */
  private standardClaims({ username }: Subject): JWTPayload {
    const { audience } = this.settings;
    return { aud: audience, client_id: audience, username };
  }

  /**
   * Checks signature, algorithm, type, issuer, audience and times (RFC 8725 section 3, RFC 9068
   * section 4).
   * @param options.expired `accept` for refresh and logout, which take a token after its end too
   * @throws TokenError
   */
  async verify(token: string, options: { expired?: 'accept' } = {}): Promise<VerifiedToken> {
    if (token.length > MAX_TOKEN_LENGTH) throw new TokenError('MALFORMED');
    const now = Math.floor(this.clock.now().getTime() / 1000);
    const { payload, typ } = await this.jws.verify(token);
    const result = this.read(payload, this.kindOf(typ, payload), token);
    if (result.issuedAt > now + CLOCK_LEEWAY || (payload.nbf !== undefined && payload.nbf > now + CLOCK_LEEWAY))
      throw new TokenError('NOT_YET_VALID');
    if (result.expiresAt <= now && options.expired !== 'accept') throw new TokenError('EXPIRED');
    return result;
  }

  /** When a compat token can no longer be refreshed. */
  refreshableUntil(token: VerifiedToken): Date {
    return new Date((token.issuedAt + this.settings.compatRefreshable) * 1000);
  }

  /** When a compat token can be neither used nor refreshed any more: so long the deny list keeps it. */
  usableUntil(token: VerifiedToken): Date {
    return new Date(Math.max(token.expiresAt * 1000, this.refreshableUntil(token).getTime()));
  }

  /**
   * The claim `token_use` tells the kinds apart. Only a compat token of an earlier service has none,
   * and it has no session either.
   */
  private kindOf(typ: string | undefined, { token_use, sid }: JWTPayload): TokenKind {
    const isStandard = typ === ACCESS_TOKEN_TYPE;
    const hasSession = typeof sid === 'string';
    const { standardCompatTokens } = this.settings;
    if (token_use === 'session' && hasSession && isStandard) return 'session';
    if (token_use === 'compat' && hasSession && (standardCompatTokens ? isStandard : typ === undefined))
      return 'compat';
    const isOfEarlierService = token_use === undefined && !hasSession && (typ === undefined || typ === 'jwt');
    if (isOfEarlierService && !standardCompatTokens) return 'compat';
    throw new TokenError('WRONG_KIND');
  }

  private read(payload: JWTPayload, kind: TokenKind, token: string): VerifiedToken {
    const { sub, iat, exp, jti, aud, sid, uid } = payload;
    if (!isSubject(sub) || !isMoment(iat) || !isMoment(exp)) throw new TokenError('MALFORMED');
    const isStandard = kind === 'session' || this.settings.standardCompatTokens;
    const audiences = aud === undefined ? undefined : [aud as unknown].flat();
    if ((isStandard || audiences !== undefined) && !audiences?.includes(this.settings.audience))
      throw new TokenError('WRONG_AUDIENCE');
    const userId = isStandard ? sub : uid;
    return {
      kind,
      subject: sub,
      userId: typeof userId === 'string' ? userId : null,
      sessionId: typeof sid === 'string' ? sid : null,
      key: typeof jti === 'string' && PLAIN_ID.test(jti) ? `jti:${jti}` : signedPartKey(token),
      scopes: parseScope(payload.scope),
      issuedAt: iat,
      expiresAt: exp,
      claims: payload,
    };
  }
}

/** What fits into a row of the deny list; a token with any other `jti` is known by its signed part. */
const PLAIN_ID = /^[\x21-\x7e]{1,200}$/;

/** Text that PostgreSQL can compare. */
const isSubject = (sub: unknown): sub is string => typeof sub === 'string' && sub !== '' && !sub.includes('\0');

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
  const header = token.slice(0, token.indexOf('.'));
  if (header === latestHeader?.text) return latestHeader.typ;
  try {
    const { typ } = decodeProtectedHeader(token);
    latestHeader = { text: header, typ };
    return typ;
  } catch {
    return undefined;
  }
}

/** Tokens of one kind share their header. */
let latestHeader: { text: string; typ: string | undefined } | undefined;
