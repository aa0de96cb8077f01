import type { Client } from 'pg';
import type { Stage } from '../stage/stage';
import type { Fault } from './fault';

const OTHERS = "select pg_terminate_backend(pid) from pg_stat_activity where application_name <> 'drill'";
const held: Client[] = [];

/** Others hold every connection that there is: what the servers have open is cut until they have none. */
async function takeAll({ postgres }: Stage): Promise<void> {
  for (let cut = 1; cut > 0; ) {
    while (await take(postgres));
    const { rowCount } = await held[0]!.query(`${OTHERS} and backend_type = 'client backend'`);
    cut = rowCount ?? 0;
  }
}

async function take(postgres: Stage['postgres']): Promise<boolean> {
  try {
    held.push(await postgres.connect('drill'));
    return true;
  } catch (error) {
    if ((error as { code?: string }).code === '53300') return false;
    throw error;
  }
}

export const postgresOutOfConnections: Fault = {
  name: 'PostgreSQL out of connections',
  meanwhile: 'unavailable',
  boundMs: 3000,
  inflict: takeAll,
  mend: () => Promise.all(held.splice(0).map((client) => client.end())),
};
