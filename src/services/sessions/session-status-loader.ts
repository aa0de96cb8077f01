import type { SqlEntityManager } from '@mikro-orm/postgresql';
import { findUnrevokedSessions } from '../../queries/sessions';

/**
 * Whether sessions have ended in the meantime. Those who ask while the database answers others are
 * answered together by the next statement: under load one statement serves many, and nobody is
 * answered by one that began before he asked.
 */
export class SessionStatusLoader {
  private waiting: { ids: Set<string>; answer: Promise<Set<string>> } | undefined;
  private running: Promise<unknown> = Promise.resolve();

  constructor(private readonly em: SqlEntityManager) {}

  async has(sessionId: string): Promise<boolean> {
    this.waiting ??= this.nextStatement();
    this.waiting.ids.add(sessionId);
    return (await this.waiting.answer).has(sessionId);
  }

  private nextStatement(): { ids: Set<string>; answer: Promise<Set<string>> } {
    const ids = new Set<string>();
    const answer = this.running.then(async () => {
      this.waiting = undefined;
      const rows = await findUnrevokedSessions.rows(this.em, { ids: `{${[...ids].join(',')}}` });
      return new Set(rows.map(({ id }) => id));
    });
    this.running = answer.catch(() => undefined);
    return { ids, answer };
  }
}
