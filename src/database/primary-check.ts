import type { Duplex } from 'node:stream';
import { type Client, DatabaseError } from 'pg';
import type { Logger } from 'pino';
import { findNode, findNodeRole, type NodeRow } from '../queries/node';
import { NotPrimaryError, READ_ONLY } from './not-primary-error';

/** SQLSTATEs of a PostgreSQL-compatible service without the functions that tell the timeline. */
const NO_TIMELINE = new Set(['42883', '42501', '0A000']);

/** The part of a client of `pg` that its types leave out. */
interface Wire {
  connection: { stream: Duplex; on(event: 'errorMessage', listener: (error: { code?: string }) => void): void };
}

/**
 * Admits connections to the primary alone. A standby may lack a revocation, and so may a former primary that came
 * back, or that has not noticed that another was promoted: its timeline is older than one that this process has seen.
 *
 * Invariant: of the connections that were admitted and are open, all are to the newest timeline that was seen.
 */
export class PrimaryCheck {
  private newest: Pick<NodeRow, 'system' | 'timeline'> | undefined;
  private readonly admitted = new Set<Client>();

  constructor(private readonly logger: Logger) {}

  /**
   * Called once for each new connection. One on which a statement is refused because the node takes no writes is
   * closed afterwards.
   * @throws NotPrimaryError
   */
  async admit(client: Client): Promise<void> {
    const node = await ask(client);
    if (node.standby) throw new NotPrimaryError('the address of the database leads to a standby');
    this.follow(node);
    this.admitted.add(client);
    client.once('end', () => this.admitted.delete(client));
    const { connection } = client as unknown as Wire;
    connection.on('errorMessage', ({ code }) => {
      if (code === READ_ONLY) setImmediate(() => cut(client)); // after the statement has its error
    });
  }

  private follow({ system, timeline }: NodeRow): void {
    const newest = this.newest;
    this.newest = { system, timeline };
    if (!newest || newest.system !== system || newest.timeline === null || timeline === null) return;
    if (timeline < newest.timeline) {
      this.newest = newest;
      throw new NotPrimaryError(
        `the address of the database leads to a former primary (timeline ${timeline}, newest ${newest.timeline})`,
      );
    }
    if (timeline === newest.timeline) return;
    this.logger.warn({ timeline, connections: this.admitted.size }, 'another PostgreSQL node was promoted');
    for (const client of this.admitted) cut(client);
  }
}

const cut = (client: Client): void => void (client as unknown as Wire).connection.stream.destroy();

async function ask(client: Client): Promise<NodeRow> {
  try {
    const { rows } = await client.query<NodeRow>(findNode.query());
    return rows[0]!;
  } catch (error) {
    if (!(error instanceof DatabaseError) || !NO_TIMELINE.has(error.code ?? '')) throw error;
  }
  const { rows } = await client.query<Pick<NodeRow, 'standby'>>(findNodeRole.query());
  return { ...rows[0]!, system: '', timeline: null };
}
