import type { Fault } from './fault';

/** Connections stay open, and nothing answers. */
export const postgresHung: Fault = {
  name: 'PostgreSQL hung',
  meanwhile: 'unavailable',
  boundMs: 10_000,
  inflict: ({ postgres }) => postgres.hang(),
  mend: ({ postgres }) => postgres.resume(),
};
