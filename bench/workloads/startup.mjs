import { median } from '../compare.mjs';
import { progress } from '../report/progress.mjs';
import { startServer } from '../server-process.mjs';

const STARTS = 3;
const SETTLE_MS = 1500;

/**
 * From the start of the process to the first answer, on a database that is migrated; and what the
 * idle process holds.
 */
export async function run({ databaseUrl, redisUrl, options, embedded }) {
  const starts = [];
  const idle = [];
  for (let i = 0; i < STARTS; i++) {
    progress(`start-up ${i + 1} of ${STARTS}`);
    const server = await startServer({ server: options.server, databaseUrl, redisUrl });
    starts.push(server.startMs);
    await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
    idle.push(server.rssMb());
    await server.stop();
  }
  const first = embedded ? 'embedded database, empty' : 'external services, warm';
  return [
    {
      id: 'startup',
      name: `start-up to the first answer (${first})`,
      target: embedded ? 3000 : 600,
      atMost: true,
      unit: 'ms',
      value: median(starts),
    },
    { id: 'memory.idle', name: 'memory, idle', target: 130, atMost: true, unit: 'MB', value: median(idle) },
  ];
}
