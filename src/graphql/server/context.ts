import type { Caller } from '../../services/caller';

/** What one request brings to every resolver. */
export interface GraphqlContext {
  readonly caller: Caller;
  /**
   * Set when the database is away, so that the bearer token can be neither accepted nor rejected:
   * only public fields answer then.
   */
  readonly authenticationUnavailable?: unknown;
}
