import type { Client } from 'pg';

/** The roles that there are, so that a row with another one is told before anything is written. */
export class KnownRoles {
  private readonly names: Set<string>;

  constructor(
    private readonly client: Client,
    names: Iterable<string>,
  ) {
    this.names = new Set(names);
  }

  static async load(client: Client): Promise<KnownRoles> {
    const { rows } = await client.query<{ name: string }>('select name from roles');
    return new KnownRoles(
      client,
      rows.map(({ name }) => name),
    );
  }

  /** Those that there are not, each once. */
  unknown(names: readonly string[]): string[] {
    return [...new Set(names.filter((name) => !this.names.has(name)))];
  }

  /**
   * Makes roles without permissions, in the transaction that the connection is in. Call `know` when
   * it is committed.
   */
  async create(names: readonly string[]): Promise<void> {
    await this.client.query('insert into roles (name) select unnest($1::text[]) on conflict do nothing', [names]);
  }

  know(names: readonly string[]): void {
    for (const name of names) this.names.add(name);
  }
}
