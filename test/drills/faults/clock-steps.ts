import type { ProcessClock } from '../stage/clock';
import type { Fault } from './fault';

/** Less than the model is sure of, and than the grace of a refresh. */
const SECONDS = 4;

export const clockSteps = (clock: ProcessClock): readonly Fault[] =>
  [SECONDS, -SECONDS].map((seconds) => ({
    name: `Clock of the servers ${SECONDS} s ${seconds > 0 ? 'forward, and back' : 'back, and forward'}`,
    meanwhile: 'works',
    boundMs: 3000,
    inflict: () => clock.step(seconds),
    mend: () => clock.step(0),
  }));
