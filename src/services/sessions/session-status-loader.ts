import type { SqlEntityManager } from '@mikro-orm/postgresql';
import { uuidArray } from '../../database/uuid';
import { findUnrevokedSessions } from '../../queries/sessions';

/**
 * Whether sessions have been revoked. Calls that come in while a statement is running share the
 * next one: under load one statement serves many, and no call is answered by a statement that began
 * before it.
 */
export class SessionStatusLoader {
  private waiting: { ids: Set<string>; answer: Promise<Set<string>> } | undefined;
  private running: Promise<unknown> = Promise.resolve();

  constructor(private readonly em: SqlEntityManager) {}

  async isUnrevoked(sessionId: string): Promise<boolean> {
    this.waiting ??= this.nextStatement();
    this.waiting.ids.add(sessionId);
    return (await this.waiting.answer).has(sessionId);
  }

  private nextStatement(): { ids: Set<string>; answer: Promise<Set<string>> } {
    const ids = new Set<string>();
    const answer = this.running.then(async () => {
      this.waiting = undefined;
      const rows = await findUnrevokedSessions.rows(this.em, { ids: uuidArray([...ids]) });
      return new Set(rows.map(({ id }) => id));
    });
    this.running = answer.catch(() => undefined);
    return { ids, answer };
  }
}
