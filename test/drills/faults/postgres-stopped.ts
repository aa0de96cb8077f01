import type { Fault } from './fault';

export const postgresStopped: Fault = {
  name: 'PostgreSQL stopped',
  meanwhile: 'unavailable',
  boundMs: 3000,
  inflict: ({ postgres }) => postgres.stop(),
  mend: ({ postgres }) => postgres.startAgain(),
};
