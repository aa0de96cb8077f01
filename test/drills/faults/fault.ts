import type { Stage } from '../stage/stage';

/** What traffic is sent to while something happens. */
export type ServersUnderFault = Pick<Stage, 'servers' | 'unexpectedOf'>;

/** Something that happens to a part, and ends. */
export interface Fault<S extends ServersUnderFault = Stage> {
  /** As in the table of docs/operations.md. */
  name: string;
  /**
   * What requests may meet meanwhile: `works` is no difference, `unavailable` an answer of 503 that
   * says when to try again.
   */
  meanwhile: 'works' | 'unavailable';
  /** No request takes longer, in milliseconds. */
  boundMs: number;
  inflict(stage: S): unknown;
  /** Ends the fault itself; nothing is done to the servers. */
  mend(stage: S): unknown;
  /** Waits until what only this fault concerns works again. */
  untilBack?(stage: S): Promise<unknown>;
  /** Until everything works again, in milliseconds; five seconds unless it is said. */
  recoveryMs?: number;
}
