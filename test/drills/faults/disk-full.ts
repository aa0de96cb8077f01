import type { EmbeddedStage } from '../stage/embedded-stage';
import type { Fault } from './fault';

export const diskFull: Fault<EmbeddedStage> = {
  name: 'Disk full, embedded PostgreSQL',
  meanwhile: 'unavailable',
  boundMs: 3000,
  inflict: async (stage) => {
    const filling = setInterval(() => stage.fillDisk(), 200);
    ended = () => clearInterval(filling);
    stage.fillDisk();
    await stage.switchLog();
  },
  mend: (stage) => {
    ended();
    stage.clearDisk();
  },
};

/** Stops taking the room that PostgreSQL frees. */
let ended = () => {};
