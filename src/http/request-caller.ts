import type { FastifyRequest } from 'fastify';
import type { ChannelPolicy } from '../security/channel-policy';
import type { Principal } from '../security/principal';
import { TokenError } from '../security/tokens/access-tokens';
import type { TokenAuthenticator } from '../security/tokens/token-authenticator';
import type { Caller } from '../services/caller';

export interface IdentifiedCaller {
  caller: Caller;
  /** Set when it cannot be said whether the token is good. */
  authenticationUnavailable?: unknown;
}

/** RFC 6750 section 2.1; the scheme is case-insensitive (RFC 9110 section 11.1). */
const BEARER = /^bearer +([\w~+/.=-]+) *$/i;

/** The language that a client asks for first, of the two that there are. */
export function languageOf(request: FastifyRequest): Caller['language'] {
  return /^en\b/i.test(request.headers['accept-language'] ?? '') ? 'en' : 'vi';
}

/** Who makes a request at a channel. A bad token is no error here: public operations ignore it. */
export async function identify(
  request: FastifyRequest,
  channel: ChannelPolicy,
  authenticator: TokenAuthenticator,
): Promise<IdentifiedCaller> {
  const base = {
    channel,
    address: request.ip,
    userAgent: request.headers['user-agent']?.slice(0, 512) ?? null,
    language: languageOf(request),
  };
  const header = request.headers.authorization;
  if (header === undefined || header === '')
    return { caller: { ...base, principal: null, authenticationFailure: 'missing' } };
  // of two Authorization headers nobody can say which one is meant
  const token = timesSent(request, 'authorization') === 1 ? BEARER.exec(header)?.[1] : undefined;
  if (token === undefined)
    return {
      caller: { ...base, principal: null, authenticationFailure: /^bearer\b/i.test(header) ? 'invalid' : 'missing' },
    };
  const caller = new BearerCaller(base, token, authenticator);
  try {
    await caller.confirm();
    return { caller };
  } catch (authenticationUnavailable) {
    return { caller, authenticationUnavailable };
  }
}

/** Somebody with a token. */
class BearerCaller implements Caller {
  readonly channel: ChannelPolicy;
  readonly address: string;
  readonly userAgent: string | null;
  readonly language: Caller['language'];
  principal: Principal | null = null;
  authenticationFailure: Caller['authenticationFailure'] = 'invalid';

  constructor(
    of: Pick<Caller, 'channel' | 'address' | 'userAgent' | 'language'>,
    private readonly token: string,
    private readonly authenticator: TokenAuthenticator,
  ) {
    this.channel = of.channel;
    this.address = of.address;
    this.userAgent = of.userAgent;
    this.language = of.language;
  }

  async confirm(): Promise<void> {
    this.principal = null;
    this.authenticationFailure = 'invalid';
    try {
      const principal = await this.authenticator.authenticate(this.token);
      if (!this.channel.bearers.includes(principal.tokenKind)) return;
      this.principal = principal;
      this.authenticationFailure = null;
    } catch (error) {
      if (!(error instanceof TokenError)) throw error;
      this.authenticationFailure = error.reason;
    }
  }
}

function timesSent({ raw: { rawHeaders } }: FastifyRequest, name: string): number {
  let times = 0;
  for (let i = 0; i < rawHeaders.length; i += 2)
    if (rawHeaders[i]!.length === name.length && rawHeaders[i]!.toLowerCase() === name) times++;
  return times;
}
