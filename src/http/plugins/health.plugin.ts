import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify';

export interface HealthChecks {
  /** Required: rejects while the database is away. */
  database(): Promise<void>;
  /** Optional dependencies: name → whether it is available. */
  optional: Record<string, () => boolean | Promise<boolean>>;
  /** Whether the process is shutting down and should get no new requests. */
  isClosing(): boolean;
}

type State = 'up' | 'down';

const DATABASE_MS = 2000;

/**
 * `/health/live`: the process answers. `/health/ready`, also `/health`: requests can be served; names each
 * dependency that is configured, with its state.
 */
export function healthPlugin(checks: HealthChecks): FastifyPluginAsync {
  const database = async (): Promise<boolean> => {
    const timeout = new Promise<never>((_, reject) => setTimeout(reject, DATABASE_MS, new Error('timeout')).unref());
    return Promise.race([checks.database(), timeout]).then(
      () => true,
      () => false,
    );
  };
  const all = Object.entries({ database, ...checks.optional });
  const ready = async (_request: FastifyRequest, reply: FastifyReply) => {
    if (checks.isClosing()) return reply.code(503).send({ status: 'closing' });
    const states = await Promise.all(
      all.map(async ([name, isAvailable]): Promise<[string, State]> => [name, (await isAvailable()) ? 'up' : 'down']),
    );
    const dependencies = Object.fromEntries(states);
    if (dependencies.database === 'down')
      return reply.code(503).header('retry-after', '2').send({ status: 'unavailable', dependencies });
    const isWhole = states.every(([, state]) => state === 'up');
    return { status: isWhole ? 'ok' : 'degraded', dependencies };
  };
  return async (app) => {
    app.get('/health/live', async () => ({ status: 'ok' }));
    for (const path of ['/health', '/health/ready']) app.get(path, ready);
  };
}
