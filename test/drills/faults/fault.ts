import type { Stage } from '../stage/stage';

/** Something that happens to a part, and ends. */
export interface Fault {
  /** As in the table of docs/operations.md. */
  name: string;
  /**
   * What requests may meet meanwhile: `works` is no difference, `unavailable` an answer of 503 that
   * says when to try again.
   */
  meanwhile: 'works' | 'unavailable';
  /** No request takes longer, in milliseconds. */
  boundMs: number;
  inflict(stage: Stage): unknown;
  /** Ends the fault itself; nothing is done to the servers. */
  mend(stage: Stage): unknown;
}
