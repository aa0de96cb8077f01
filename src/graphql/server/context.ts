import type { Caller } from '../../services/caller';
import type { Loaders } from './loaders';

/** What one request brings to every resolver. */
export interface GraphqlContext {
  readonly caller: Caller;
  readonly loaders: Loaders;
  /**
   * Set when it cannot be said whether the bearer token is good, because the database is away: only
   * public fields answer then.
   */
  readonly authenticationUnavailable?: unknown;
}
