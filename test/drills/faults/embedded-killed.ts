import { processAndBelow } from '../../../bench/process-figures.mjs';
import type { EmbeddedStage } from '../stage/embedded-stage';
import type { Fault } from './fault';

/** As the kernel does when memory runs out. */
export const embeddedKilled: Fault<EmbeddedStage> = {
  name: 'Embedded PostgreSQL killed',
  meanwhile: 'unavailable',
  boundMs: 3000,
  inflict: (stage) => {
    for (const pid of processAndBelow(stage.postgresPid)) process.kill(pid, 'SIGKILL');
  },
  mend: () => undefined,
};
