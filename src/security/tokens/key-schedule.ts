import type { SigningKeyRow } from '../../queries/signing-keys';

/**
 * - published: clients may fetch it, nothing is signed with it yet
 * - signing
 * - verifying: its successor signs, its tokens are accepted
 * - retired: its tokens are rejected
 */
type KeyState = 'published' | 'signing' | 'verifying' | 'retired';

export interface ScheduledKey {
  row: SigningKeyRow;
  state: KeyState;
  since: Date;
  /** When it changes to the next state; null while nothing is planned. */
  until: Date | null;
}

/**
 * What each key does at a moment. It follows from the rows alone, so that all processes agree, and a rotation goes
 * on by itself whichever process ends.
 * @param rows the newest first
 */
export function keysAt(now: Date, rows: readonly SigningKeyRow[]): ScheduledKey[] {
  const hasRetired = ({ retires_at }: SigningKeyRow) => retires_at !== null && new Date(retires_at) <= now;
  const signing = rows.find(({ signs_from }) => new Date(signs_from) <= now);
  return rows.map((row) => {
    const retiresAt = row.retires_at === null ? null : new Date(row.retires_at);
    const signsFrom = new Date(row.signs_from);
    if (hasRetired(row)) return { row, state: 'retired', since: retiresAt!, until: null };
    if (signsFrom > now) return { row, state: 'published', since: new Date(row.published_at), until: signsFrom };
    const successor = rows.find(({ replaces }) => replaces === row.kid);
    const successorSigns = successor ? new Date(successor.signs_from) : null;
    if (row === signing) return { row, state: 'signing', since: signsFrom, until: successorSigns };
    return { row, state: 'verifying', since: successorSigns ?? signsFrom, until: retiresAt };
  });
}
