import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify';

export interface HealthChecks {
  /** Required: rejects while the database is away. */
  database(): Promise<void>;
  /** Optional dependencies: name → whether it is available. */
  optional: Record<string, () => boolean | Promise<boolean>>;
  /** Whether the process is shutting down and should get no new requests. */
  isClosing(): boolean;
}

const DATABASE_MS = 2000;

/**
 * `/health/live`: the process answers. `/health/ready`, also `/health`: requests can be served; names what is
 * degraded.
 */
export function healthPlugin(checks: HealthChecks): FastifyPluginAsync {
  const ready = async (_request: FastifyRequest, reply: FastifyReply) => {
    if (checks.isClosing()) return reply.code(503).send({ status: 'closing' });
    const found = await Promise.all(
      Object.entries(checks.optional).map(async ([name, isAvailable]) => ((await isAvailable()) ? [] : [name])),
    );
    const degraded = found.flat();
    const timeout = new Promise<never>((_, reject) => setTimeout(reject, DATABASE_MS, new Error('timeout')).unref());
    try {
      await Promise.race([checks.database(), timeout]);
      return { status: degraded.length > 0 ? 'degraded' : 'ok', degraded };
    } catch {
      return reply
        .code(503)
        .header('retry-after', '2')
        .send({ status: 'unavailable', degraded: ['database', ...degraded] });
    }
  };
  return async (app) => {
    app.get('/health/live', async () => ({ status: 'ok' }));
    for (const path of ['/health', '/health/ready']) app.get(path, ready);
  };
}
