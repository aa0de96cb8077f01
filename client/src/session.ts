import type { Session, SessionOptions } from './types.js';

/** Opens the session of this browser: asks the other tabs, then the server, whether there is one. */
export function createSession(_options: SessionOptions): Session {
  throw new Error('The session is not built yet');
}
