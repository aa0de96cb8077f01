import type { FastifyRequest } from 'fastify';
import type { ChannelPolicy } from '../security/channel-policy';
import type { Principal } from '../security/principal';
import type { TokenAuthenticator } from '../security/tokens/token-authenticator';
import { TokenError } from '../security/tokens/token-error';
import type { Caller } from '../services/caller';
import { clientAddress } from './client-address';
import { type Language, preferredLanguage } from './language';
import { countHeader } from './raw-headers';

export interface IdentifiedCaller {
  caller: Caller;
  /** The error that kept the token from being checked, such as a database that is away. */
  authenticationUnavailable?: unknown;
}

/** RFC 6750 section 2.1; the scheme is case-insensitive (RFC 9110 section 11.1). */
const BEARER = /^bearer +([\w~+/.=-]+) *$/i;

declare module 'fastify' {
  interface FastifyInstance {
    /** DEFAULT_LANGUAGE. */
    defaultLanguage: Language;
  }
}

/** The language that the client asks for, else DEFAULT_LANGUAGE unless another one is given. */
export function languageOf({ headers, server }: FastifyRequest, otherwise = server.defaultLanguage): Language {
  return preferredLanguage(headers['accept-language'], otherwise) ?? otherwise;
}

/** The caller of a request. A token that is not valid is no error here: operations without a token ignore it. */
export async function identify(
  request: FastifyRequest,
  channel: ChannelPolicy,
  authenticator: TokenAuthenticator,
): Promise<IdentifiedCaller> {
  const base = {
    channel,
    address: clientAddress(request),
    userAgent: request.headers['user-agent']?.slice(0, 512) ?? null,
    language: languageOf(request),
  };
  const header = request.headers.authorization;
  if (header === undefined || header === '')
    return { caller: { ...base, principal: null, authenticationFailure: 'missing' } };
  // two Authorization headers are ambiguous, so neither counts (RFC 6750 section 2)
  const token = countHeader(request, 'authorization') === 1 ? BEARER.exec(header)?.[1] : undefined;
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

/** A caller with a bearer token; `confirm` checks it, and again before a further mutation of the same request. */
class BearerCaller implements Caller {
  readonly channel: ChannelPolicy;
  readonly address: string;
  readonly userAgent: string | null;
  readonly language: Caller['language'];
  principal: Principal | null = null;
  authenticationFailure: Caller['authenticationFailure'] = 'invalid';

  constructor(
    client: Pick<Caller, 'channel' | 'address' | 'userAgent' | 'language'>,
    private readonly token: string,
    private readonly authenticator: TokenAuthenticator,
  ) {
    this.channel = client.channel;
    this.address = client.address;
    this.userAgent = client.userAgent;
    this.language = client.language;
  }

  async confirm(): Promise<void> {
    this.principal = null;
    this.authenticationFailure = 'invalid';
    try {
      this.principal = await this.authenticator.authenticate(this.token);
      this.authenticationFailure = null;
    } catch (error) {
      if (!(error instanceof TokenError)) throw error;
      this.authenticationFailure = error.reason;
    }
  }
}
