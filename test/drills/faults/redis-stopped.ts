import type { Fault } from './fault';

export const redisStopped: Fault = {
  name: 'Redis stopped',
  meanwhile: 'works',
  boundMs: 3000,
  inflict: ({ redis }) => redis.stop(),
  mend: ({ redis }) => redis.start(),
};
