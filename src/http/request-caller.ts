import type { FastifyRequest } from 'fastify';
import { TokenError } from '../security/access-tokens';
import type { Authority } from '../security/authority';
import type { Door } from '../security/door';
import type { Principal } from '../security/principal';
import type { Caller } from '../services/caller';

export interface IdentifiedCaller {
  caller: Caller;
  /** Set when it cannot be said whether the token is good. */
  undecided?: unknown;
}

/** RFC 6750 section 2.1; the scheme is case-insensitive (RFC 9110 section 11.1). */
const BEARER = /^bearer +([\w~+/.=-]+) *$/i;

/** The language that a client asks for first, of the two that there are. */
export function languageOf(request: FastifyRequest): Caller['language'] {
  return /^en\b/i.test(request.headers['accept-language'] ?? '') ? 'en' : 'vi';
}

/** Who makes a request at a door. A bad token is no error here: public operations ignore it. */
export async function identify(request: FastifyRequest, door: Door, authority: Authority): Promise<IdentifiedCaller> {
  const base = {
    door,
    address: request.ip,
    userAgent: request.headers['user-agent']?.slice(0, 512) ?? null,
    language: languageOf(request),
  };
  const header = request.headers.authorization;
  if (header === undefined || header === '') return { caller: { ...base, principal: null, refusal: 'missing' } };
  // of two Authorization headers nobody can say which one is meant
  const token = timesSent(request, 'authorization') === 1 ? BEARER.exec(header)?.[1] : undefined;
  if (token === undefined) return { caller: { ...base, principal: null, refusal: /^bearer\b/i.test(header) ? 'invalid' : 'missing' } };
  const caller = new BearerCaller(base, token, authority);
  try {
    await caller.confirm();
    return { caller };
  } catch (undecided) {
    return { caller, undecided };
  }
}

/** Somebody with a token. */
class BearerCaller implements Caller {
  readonly door: Door;
  readonly address: string;
  readonly userAgent: string | null;
  readonly language: Caller['language'];
  principal: Principal | null = null;
  refusal: Caller['refusal'] = 'invalid';

  constructor(
    of: Pick<Caller, 'door' | 'address' | 'userAgent' | 'language'>,
    private readonly token: string,
    private readonly authority: Authority,
  ) {
    this.door = of.door;
    this.address = of.address;
    this.userAgent = of.userAgent;
    this.language = of.language;
  }

  async confirm(): Promise<void> {
    this.principal = null;
    this.refusal = 'invalid';
    try {
      const principal = await this.authority.authenticate(this.token);
      if (!this.door.bearers.includes(principal.tokenKind)) return;
      this.principal = principal;
      this.refusal = null;
    } catch (error) {
      if (!(error instanceof TokenError)) throw error;
      this.refusal = error.reason;
    }
  }
}

function timesSent({ raw: { rawHeaders } }: FastifyRequest, name: string): number {
  let times = 0;
  for (let i = 0; i < rawHeaders.length; i += 2)
    if (rawHeaders[i]!.length === name.length && rawHeaders[i]!.toLowerCase() === name) times++;
  return times;
}
