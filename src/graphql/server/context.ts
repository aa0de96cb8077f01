import type { Caller } from '../../services/caller';

/** What one request brings to every resolver. */
export interface GraphqlContext {
  readonly caller: Caller;
  /** The language that the client asks for; messages are English without it. */
  readonly messageLanguage?: Caller['language'] | null;
  /**
   * Set when the database is away, so that the bearer token can be neither accepted nor rejected:
   * only public fields answer then.
   */
  readonly authenticationUnavailable?: unknown;
}
