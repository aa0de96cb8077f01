import type { Caller } from '../../services/caller';

/** The cookie that keeps the refresh token of a browser. */
export interface RefreshCookie {
  /** What the request brought. */
  readonly token: string | null;
  /** @param expiresIn seconds from now */
  set(token: string, expiresIn: number): void;
  clear(): void;
}

/** What one request brings to every resolver. */
export interface GraphqlContext {
  readonly caller: Caller;
  /** The language that the client asks for; messages are English without it. */
  readonly messageLanguage?: Caller['language'] | null;
  /** Set in cookie mode; without it clients keep their refresh tokens themselves. */
  readonly refreshCookie?: RefreshCookie | null;
  /**
   * Set when the database is away, so that the bearer token can be neither accepted nor rejected:
   * only public fields answer then.
   */
  readonly authenticationUnavailable?: unknown;
}
