import { randomBytes, randomInt, randomUUID } from 'node:crypto';

/**
 * Everything that differs between two runs of Kong, apart from the time. Passed in, so that a
 * recording can be played back exactly.
 */
export interface Randomness {
  /** The id of a new entity. */
  id(): string;
  /** The key of a new credential: 32 alphanumerics. */
  key(): string;
  /** The secret of a new credential: 32 alphanumerics. */
  secret(): string;
  /** 32 hexadecimal digits. */
  requestId(): string;
}

const ALPHANUMERICS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

const alphanumerics = () => Array.from({ length: 32 }, () => ALPHANUMERICS[randomInt(ALPHANUMERICS.length)]).join('');

export const realRandomness: Randomness = {
  id: randomUUID,
  key: alphanumerics,
  secret: alphanumerics,
  requestId: () => randomBytes(16).toString('hex'),
};
