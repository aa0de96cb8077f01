import 'reflect-metadata';
import cluster from 'node:cluster';
import type { Logger } from 'pino';
import { type App, createApp } from './app';
import { loadConfig, StartupError } from './config/config';
import { readEnvironment } from './config/environment';
import { requestFields } from './http/request-log';
import { answerWorkers, shareWithPrimary } from './observability/metrics/exposition';
import { traceFields } from './observability/tracing/tracing';
import { superviseWorkers } from './runtime/cluster';
import { createLogger } from './runtime/logger';
import { type StartSummary, startupBanner } from './runtime/start-banner';
import { collectStartGarbage } from './runtime/start-garbage';

async function main(): Promise<void> {
  const startedAt = performance.now();
  const config = loadConfig(readEnvironment());
  if (config.http.workers > 1 && cluster.isPrimary) {
    answerWorkers();
    return superviseWorkers(config.http.workers);
  }
  shareWithPrimary();
  const logger = createLogger(config.log.level, () => ({ ...requestFields(), ...traceFields() }));
  const app = await createApp(config, logger);
  closeOnSignal(app, logger);
  const ports = await app.listen().catch(async (error: unknown) => {
    await app.close();
    throw error;
  });
  // the first of several workers prints for all
  if (!cluster.isWorker || cluster.worker?.id === 1)
    await printSummary(app, { config, ports, startMs: performance.now() - startedAt }, logger);
  collectStartGarbage();
}

function closeOnSignal(app: App, logger: Logger): void {
  let isStopping = false;
  const stop = async (signal: NodeJS.Signals) => {
    if (isStopping) return;
    isStopping = true;
    logger.info({ signal }, 'stopping: no new connections, requests under way are finished');
    await app.close();
    process.exit(0);
  };
  process.on('SIGTERM', stop).on('SIGINT', stop);
}

async function printSummary(
  app: App,
  start: Pick<StartSummary, 'config' | 'ports' | 'startMs'>,
  logger: Logger,
): Promise<void> {
  const { username, password } = start.config.seed;
  const administrators = await app.reportAdministrators().catch((error: unknown) => {
    logger.warn({ err: error }, 'the administrators could not be read');
    return null;
  });
  const isFirstStart = app.administrator !== null;
  const isGiven = username !== undefined || password !== undefined;
  process.stdout.write(
    startupBanner({
      ...start,
      hasConsole: app.hasConsole,
      database: app.database.embedded ? 'embedded' : 'external',
      administrator: administrators?.name ?? null,
      administratorPassword: app.administrator?.password ?? null,
      withDevelopmentPassword: administrators?.withDevelopmentPassword ?? null,
      ignoresAdministratorVariables: !isFirstStart && isGiven && administrators?.matchesConfiguration === false,
      developmentSecrets: app.developmentSecrets,
    }),
  );
}

main().catch((error: unknown) => {
  const busy =
    (error as NodeJS.ErrnoException).code === 'EADDRINUSE'
      ? (error as NodeJS.ErrnoException & { port: number }).port
      : undefined;
  if (busy !== undefined)
    process.stderr.write(
      `Port ${busy} is in use: stop what uses it, or set PORT, GATEWAY_PORT or METRICS_PORT to another.\n`,
    );
  else if (error instanceof StartupError) process.stderr.write(`${error.message}\n`);
  else process.stderr.write(`The server could not start: ${(error as Error)?.message ?? error}\n`);
  process.exit(1);
});
