export { IdentityError } from './identity-error.js';
export { createSession } from './session.js';
export type {
  AccountChange,
  AccountChangeKind,
  Session,
  SessionOptions,
  SessionState,
  SessionUser,
  StreamListener,
  StreamRequest,
} from './types.js';
