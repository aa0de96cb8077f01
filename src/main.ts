import './runtime/node-version';
import './runtime/compile-cache';
import 'reflect-metadata';
import cluster from 'node:cluster';
import { createApp } from './app';
import { loadConfig, StartupError } from './config/config';
import { readEnvironment } from './config/environment';
import { superviseWorkers } from './runtime/cluster';
import { createLogger } from './runtime/logger';
import { startupBanner } from './runtime/start-banner';

async function main(): Promise<void> {
  const startedAt = performance.now();
  const config = loadConfig(readEnvironment());
  if (config.http.workers > 1 && cluster.isPrimary) return superviseWorkers(config.http.workers);
  const logger = createLogger(config.log.level);
  const app = await createApp(config, logger);
  let stopping = false;
  const stop = async () => {
    if (stopping) return;
    stopping = true;
    await app.close();
    process.exit(0);
  };
  process.on('SIGTERM', stop).on('SIGINT', stop);
  const ports = await app.listen().catch(async (error: unknown) => {
    await app.close();
    throw error;
  });
  // the first of several workers prints for all
  if (cluster.isWorker && cluster.worker?.id !== 1) return;
  process.stdout.write(
    startupBanner({
      config,
      ports,
      database: app.database.embedded ? 'embedded' : 'external',
      administrator: await app.administratorName(),
      administratorPassword: app.administrator?.password ?? null,
      developmentSecrets: app.developmentSecrets,
      startMs: performance.now() - startedAt,
    }),
  );
}

main().catch((error: unknown) => {
  const busy =
    (error as NodeJS.ErrnoException).code === 'EADDRINUSE'
      ? (error as NodeJS.ErrnoException & { port: number }).port
      : undefined;
  if (busy !== undefined)
    process.stderr.write(`Port ${busy} is in use: stop what uses it, or set PORT or GATEWAY_PORT to another.\n`);
  else if (error instanceof StartupError) process.stderr.write(`${error.message}\n`);
  else process.stderr.write(`The server could not start: ${(error as Error)?.message ?? error}\n`);
  process.exit(1);
});
