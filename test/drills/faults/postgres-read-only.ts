import type { Stage } from '../stage/stage';
import type { Fault } from './fault';

const set = async ({ postgres }: Stage, value: 'on' | 'off') => {
  const client = await postgres.connect();
  await client.query('set default_transaction_read_only = off');
  await client.query(`alter system set default_transaction_read_only = ${value}`);
  await client.query('select pg_reload_conf()');
  await client.end();
};

/** As a standby is, or a primary that an operator has closed for writes. */
export const postgresReadOnly: Fault = {
  name: 'PostgreSQL read-only',
  meanwhile: 'unavailable',
  boundMs: 3000,
  inflict: (stage) => set(stage, 'on'),
  mend: (stage) => set(stage, 'off'),
};
