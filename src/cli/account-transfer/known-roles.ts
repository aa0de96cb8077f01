import type { Client } from 'pg';
import { insertRoles, listRoleNames } from '../../queries/account-transfer';

/** The roles of the database, so that a row with an unknown one is reported before anything is written. */
export class KnownRoles {
  private readonly names: Set<string>;

  constructor(
    private readonly client: Client,
    names: Iterable<string>,
  ) {
    this.names = new Set(names);
  }

  static async load(client: Client): Promise<KnownRoles> {
    const { rows } = await client.query<{ name: string }>(listRoleNames.query());
    return new KnownRoles(
      client,
      rows.map(({ name }) => name),
    );
  }

  /** The names that no role has, each once. */
  unknown(names: readonly string[]): string[] {
    return [...new Set(names.filter((name) => !this.names.has(name)))];
  }

  /**
   * Makes roles without permissions, in the transaction of the connection. Call `add` after the
   * commit.
   */
  async create(names: readonly string[]): Promise<void> {
    await this.client.query(insertRoles.query({ names: JSON.stringify(names) }));
  }

  add(names: readonly string[]): void {
    for (const name of names) this.names.add(name);
  }
}
