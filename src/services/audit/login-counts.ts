import type { SqlEntityManager } from '@mikro-orm/postgresql';
import type { Clock } from '../../config/clock';
import { AppError } from '../../errors/app-error';
import { countLogins } from '../../queries/login-counts';

export interface LoginCountView {
  from: Date;
  succeeded: number;
  failed: number;
}

export type TimeStep = 'HOUR' | 'DAY';

/** Seconds of a step, and how many there are when no period is given. */
const steps = { HOUR: { seconds: 3600, usual: 24 }, DAY: { seconds: 86_400, usual: 30 } };

const LOGIN_COUNT_MAX = 400;

/** Logins over time, for charts. */
export class LoginCounts {
  constructor(
    private readonly em: SqlEntityManager,
    private readonly clock: Clock,
  ) {}

  /**
   * One count for each step, also where there was no login. The period ends now and holds a day of hours
   * or 30 days unless it is given.
   * @throws AppError BAD_USER_INPUT
   */
  async find(step: TimeStep, period: { from?: Date | null; until?: Date | null }): Promise<LoginCountView[]> {
    const { seconds, usual } = steps[step];
    const until = period.until ?? this.clock.now();
    const from = period.from ?? new Date(until.getTime() - usual * seconds * 1000);
    const size = Math.ceil((until.getTime() - from.getTime()) / 1000 / seconds);
    if (size < 0 || size > LOGIN_COUNT_MAX)
      throw new AppError('BAD_USER_INPUT', { detail: `A period holds 0 to ${LOGIN_COUNT_MAX} steps, not ${size}` });
    const rows = await countLogins.replicaRows(this.em, { from, until, seconds });
    const found = new Map(rows.map((row) => [row.step, row]));
    return Array.from({ length: size }, (_, i) => ({
      from: new Date(from.getTime() + i * seconds * 1000),
      succeeded: found.get(i)?.succeeded ?? 0,
      failed: found.get(i)?.failed ?? 0,
    }));
  }
}
