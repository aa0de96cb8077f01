import type { Fault } from './fault';

/** Connections stay open, and nothing answers. */
export const redisHung: Fault = {
  name: 'Redis hung',
  meanwhile: 'works',
  boundMs: 3000,
  inflict: ({ redis }) => redis.pause(),
  mend: ({ redis }) => redis.resume(),
};
