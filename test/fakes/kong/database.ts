/**
 * What PostgreSQL is to Kong: tables of rows, and something that can be away. Everything is
 * synchronous, so that every call is atomic.
 */
export type Row = { id: string; created_at: number } & Record<string, unknown>;

const TABLES = ['consumers', 'jwt_secrets', 'services', 'routes', 'plugins', 'acls'] as const;
export type Table = (typeof TABLES)[number];

export class DatabaseDown extends Error {}

export class Database {
  /** While true, every use throws. */
  down = false;
  private readonly tables = new Map<Table, Map<string, Row>>(TABLES.map((name) => [name, new Map()]));

  /** Ordered by id, as Kong lists. */
  all(table: Table): Row[] {
    return [...this.table(table).values()].sort((a, b) => (a.id < b.id ? -1 : 1));
  }

  byId(table: Table, id: string): Row | undefined {
    return this.table(table).get(id.toLowerCase());
  }

  find(table: Table, matches: (row: Row) => boolean): Row | undefined {
    return this.all(table).find(matches);
  }

  /** What the proxy holds in memory: the same rows, also while the database is away. */
  cached(table: Table): Row[] {
    return [...this.tables.get(table)!.values()];
  }

  put(table: Table, row: Row): void {
    this.table(table).set(row.id, row);
  }

  delete(table: Table, matches: (row: Row) => boolean): void {
    for (const row of this.all(table)) if (matches(row)) this.table(table).delete(row.id);
  }

  private table(name: Table): Map<string, Row> {
    if (this.down) throw new DatabaseDown();
    return this.tables.get(name)!;
  }
}

/** `{"id": …}` as rows refer to each other. */
export function refersTo(value: unknown, id: string): boolean {
  return typeof value === 'object' && value !== null && 'id' in value && value.id === id;
}
