import type { SqlEntityManager } from '@mikro-orm/postgresql';
import type { Logger } from 'pino';
import { estimateUserCount, sampleHashCosts } from '../../queries/users';
import type { PasswordHasher } from '../../security/passwords/password-hasher';

const EVERY_MS = 3_600_000;
/** Enough to see a cost that one account in a thousand has, and read in milliseconds. */
const SAMPLE = 10_000;

export interface HashCostCountDependencies {
  em: SqlEntityManager;
  hasher: Pick<PasswordHasher, 'setCostsInUse'>;
  logger: Logger;
}

/** Tells the hasher what the stored passwords cost, at the start and every hour: imports bring other costs. */
export class HashCostCount {
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly needs: HashCostCountDependencies) {}

  async start(): Promise<void> {
    await this.count();
    this.timer = setInterval(() => void this.count(), EVERY_MS).unref();
  }

  async stop(): Promise<void> {
    clearInterval(this.timer);
  }

  private async count(): Promise<void> {
    const { em, hasher, logger } = this.needs;
    try {
      const users = (await estimateUserCount.row(em))?.estimate ?? 0;
      const percent = users > SAMPLE ? (100 * SAMPLE) / users : 100;
      const rows = await sampleHashCosts.rows(em, { percent, limit: 2 * SAMPLE });
      hasher.setCostsInUse(rows.map(({ cost, count }) => ({ cost: Number(cost), count })));
    } catch (error) {
      logger.warn({ err: error }, 'the costs of the stored passwords could not be counted');
    }
  }
}
