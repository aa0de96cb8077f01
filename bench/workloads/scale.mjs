import { compare } from '../compare.mjs';
import { progress } from '../report/progress.mjs';
import { startServer } from '../server-process.mjs';
import { meSpec } from './token-checks.mjs';

const WARM_UP_SECONDS = 10;

/**
 * Two processes behind one port against one. With the generator on the same cores two cannot show
 * twice the requests; what they would show is what their CPU time for each request says.
 */
export async function run(context) {
  const { load, server, databaseUrl, redisUrl, options, embedded } = context;
  if (embedded) return [];
  const two = await startServer({
    server: options.server,
    databaseUrl,
    redisUrl,
    env: { WEB_CONCURRENCY: '2' },
    name: 'two processes',
  });
  try {
    const spec = await meSpec(context);
    progress('scale out: warming up two processes'); // the one has had minutes of it
    await load.run({ ...spec, seconds: WARM_UP_SECONDS, url: two.url });
    const { a, b } = await compare(load, { label: 'scale out, me', a: two, b: server, specOf: () => spec });
    return [
      {
        id: 'scale.cpu',
        name: 'two processes against one, from CPU for each request',
        target: 1.7,
        value: (2 * b.cpuMs) / a.cpuMs,
        unit: 'x',
      },
      { id: 'scale', name: 'two processes against one, as run beside the generator', figures: a, floor: b },
    ];
  } finally {
    await two.stop();
  }
}
