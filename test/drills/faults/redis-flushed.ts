import type { Fault } from './fault';

export const redisFlushed: Fault = {
  name: 'Redis flushed',
  meanwhile: 'works',
  boundMs: 3000,
  inflict: ({ redis }) => redis.flush(),
  mend: () => undefined,
};
