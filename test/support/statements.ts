import type { MikroORM } from '@mikro-orm/postgresql';

/** What the job queue asks by itself, whatever requests there are. */
const IN_BACKGROUND = /^\s*update jobs set tries/;

/**
 * Counts what the server asks of its database, transactions' begin and commit included; the change
 * feed's connection is not in it.
 */
export class Statements {
  private readonly seen: string[] = [];

  constructor(orm: MikroORM) {
    const logger = orm.config.getLogger();
    const logQuery = logger.logQuery.bind(logger);
    logger.logQuery = (context) => {
      if (!IN_BACKGROUND.test(context.query ?? '')) this.seen.push(context.query ?? '');
      logQuery(context);
    };
  }

  /** The statements that `work` needs. */
  async during(work: () => Promise<unknown>): Promise<string[]> {
    const from = this.seen.length;
    await work();
    return this.seen.slice(from);
  }

  /**
   * The fewest statements that `work` needs in three goes. A machine that stands still for a second
   * makes the server check its caller in the database once more; that can only add statements,
   * never hide one that the work itself takes.
   */
  async atBest(work: () => Promise<unknown>): Promise<string[]> {
    let best = await this.during(work);
    for (let again = 0; again < 2; again++) {
      const statements = await this.during(work);
      if (statements.length < best.length) best = statements;
    }
    return best;
  }
}
