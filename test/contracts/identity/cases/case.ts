import type { FailureCode } from '../../../../src/rest/engine/contract';
import type { RestAnswer, RestChannel, RestWorld, Sent } from '../../../support/rest';

/** One promise of the contract: a request, and the whole answer. */
export interface Case {
  /** Verb and path as the contract has them. */
  route: string;
  /**
   * Where the contract says so; `beyond` for what its clients use beside it, `reading` for where it
   * is silent.
   */
  section: string;
  promise: string;
  /** The error of the catalogue that the case shows. */
  shows?: FailureCode;
  /** Makes what is needed, and says what to send. */
  given: (world: RestWorld, channel: RestChannel) => Promise<Sent> | Sent;
  status: number;
  body: object | ((sent: Sent) => object);
  headers?: Record<string, string>;
  /** What has to hold afterwards. */
  after?: (world: RestWorld, answer: RestAnswer, sent: Sent, channel: RestChannel) => Promise<void>;
}

/** The parts that cases of one route share. */
export const casesOf = (
  route: string,
  section: string,
  cases: (Omit<Case, 'route' | 'section'> & { section?: string })[],
): Case[] => cases.map((one) => ({ route, section, ...one }));
