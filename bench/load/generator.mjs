// The load: a process of its own, so that its work is in nobody else's figures. It gets one message
// for each slice and answers it.
import autocannon from 'autocannon';
import { Latencies, percentile } from './latencies.mjs';
import { drive, patterns } from './requests.mjs';

/** A request that takes longer has failed. */
const TIMEOUT_SECONDS = 30;

process.on('message', async ({ id, spec }) => {
  try {
    process.send({ id, result: await run(spec) });
  } catch (error) {
    process.send({ id, error: error.stack });
  }
});
process.on('disconnect', () => process.exit(0));

/**
 * @param spec.url origin of the target
 * @param spec.connections requests in flight
 * @param spec.seconds length of the slice; what is in flight at its end is waited for
 * @param spec.pattern a name of `patterns`; what it needs is beside it
 */
async function run(spec) {
  const latencies = new Latencies();
  let wrong = 0;
  let example;
  let index = 0;
  const cpu = process.cpuUsage();
  const startedAt = performance.now();
  const endsAt = startedAt + spec.seconds * 1000;
  let lastAt = startedAt;
  const ended = () => performance.now() >= endsAt;
  const onWrong = (status, body) => {
    wrong++;
    example ??= `${status} ${String(body).slice(0, 300)}`;
  };
  const setupClient = (client) => drive(client, patterns[spec.pattern](index++, spec), { wrong: onWrong, ended });
  const { errors, timeouts } = await new Promise((resolve, reject) => {
    const options = {
      url: spec.url,
      connections: spec.connections,
      duration: spec.seconds + TIMEOUT_SECONDS,
      timeout: TIMEOUT_SECONDS,
      sampleInt: 20, // it looks at each sample whether it is over
      setupClient,
    };
    const tracker = autocannon(options, (error, result) => (error ? reject(error) : resolve(result)));
    tracker.on('response', (_client, _status, _bytes, ms) => {
      latencies.add(ms);
      lastAt = performance.now();
    });
  });
  const sorted = latencies.sorted();
  const { user, system } = process.cpuUsage(cpu);
  return {
    requests: sorted.length,
    seconds: Math.max(0.001, (lastAt - startedAt) / 1000),
    latencies: { p50: percentile(sorted, 0.5), p99: percentile(sorted, 0.99), max: sorted.at(-1) ?? 0 },
    wrong: wrong + errors,
    example:
      example ?? (errors > 0 ? `${errors} requests failed, ${timeouts} of them because they took too long` : undefined),
    cpuMs: (user + system) / 1000,
    ...(spec.tokens && { tokens: spec.tokens }),
  };
}
