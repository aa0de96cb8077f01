import type { FastifyPluginAsync } from 'fastify';

export interface HealthChecks {
  /** Without it nothing can be answered. */
  database(): Promise<void>;
  /** Without these something is missing: name → whether it is there. */
  optional: Record<string, () => boolean>;
  /** Set when the process is about to close: no new traffic, please. */
  closing(): boolean;
}

const DATABASE_MS = 2000;

/**
 * `/health/live`: the process answers. `/health/ready`: it can do its work; names what is degraded.
 */
export function healthPlugin(checks: HealthChecks): FastifyPluginAsync {
  return async (app) => {
    app.get('/health/live', async () => ({ status: 'ok' }));
    app.get('/health/ready', async (_request, reply) => {
      const degraded = Object.entries(checks.optional).flatMap(([name, isThere]) => (isThere() ? [] : [name]));
      if (checks.closing()) return reply.code(503).send({ status: 'closing' });
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
    });
  };
}
