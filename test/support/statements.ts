import type { MikroORM } from '@mikro-orm/postgresql';

/** Counts what the server asks of its database, transactions' begin and commit included; the change feed's connection is not in it. */
export class Statements {
  private readonly seen: string[] = [];

  constructor(orm: MikroORM) {
    const logger = orm.config.getLogger();
    const logQuery = logger.logQuery.bind(logger);
    logger.logQuery = (context) => {
      this.seen.push(context.query ?? '');
      logQuery(context);
    };
  }

  /** The statements that `work` needs. */
  async during(work: () => Promise<unknown>): Promise<string[]> {
    const from = this.seen.length;
    await work();
    return this.seen.slice(from);
  }
}
