import type { SqlEntityManager } from '@mikro-orm/postgresql';
import { uuidArray } from '../../database/uuid';
import { findUnrevokedSessions, type SessionAccount } from '../../queries/sessions';

type Found = Map<string, SessionAccount>;

/**
 * Whether sessions have been revoked, and their accounts. Calls that come in while a statement is
 * running share the next one: under load one statement serves many, and no call is answered by a
 * statement that began before it.
 */
export class SessionStatusLoader {
  private waiting: { ids: Set<string>; answer: Promise<Found> } | undefined;
  private running: Promise<unknown> = Promise.resolve();

  constructor(private readonly em: SqlEntityManager) {}

  async isUnrevoked(sessionId: string): Promise<boolean> {
    return (await this.findAccount(sessionId)) !== undefined;
  }

  /** The account of a session; undefined when the session is revoked. */
  async findAccount(sessionId: string): Promise<SessionAccount | undefined> {
    this.waiting ??= this.nextStatement();
    this.waiting.ids.add(sessionId);
    return (await this.waiting.answer).get(sessionId);
  }

  private nextStatement(): { ids: Set<string>; answer: Promise<Found> } {
    const ids = new Set<string>();
    const answer = this.running.then(async () => {
      this.waiting = undefined;
      const rows = await findUnrevokedSessions.rows(this.em, { ids: uuidArray([...ids]) });
      return new Map(rows.map(({ id, ...account }) => [id, account]));
    });
    this.running = answer.catch(() => undefined);
    return { ids, answer };
  }
}
