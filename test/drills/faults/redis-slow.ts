import type { Fault } from './fault';

/** Slower than the time limit of a command. */
const DELAY_MS = 1000;

export const redisSlow: Fault = {
  name: 'Redis slow, a second each way',
  meanwhile: 'works',
  boundMs: 3000,
  inflict: ({ redisNetwork }) => {
    redisNetwork.delayMs = DELAY_MS;
  },
  mend: ({ redisNetwork }) => {
    redisNetwork.delayMs = 0;
  },
};
