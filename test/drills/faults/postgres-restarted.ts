import type { Fault } from './fault';

export const postgresRestarted: Fault = {
  name: 'PostgreSQL restarted',
  meanwhile: 'unavailable',
  boundMs: 3000,
  inflict: async ({ postgres }) => {
    await postgres.stop();
    await postgres.startAgain();
  },
  mend: () => undefined,
};
