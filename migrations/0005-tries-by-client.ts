import { Migration } from '@mikro-orm/migrations';

/** Wrong tries of a code are counted for each client, so that a stranger cannot use up the owner's. */
export class TriesByClient extends Migration {
  override up(): void {
    this.addSql(`alter table "one_time_codes" add column "client_tries" jsonb not null default '{}';`);
  }

  override down(): void {
    this.addSql(`alter table "one_time_codes" drop column "client_tries";`);
  }
}
