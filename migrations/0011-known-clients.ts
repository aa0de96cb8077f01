import { Migration } from '@mikro-orm/migrations';

/** The networks that accounts have logged in from, which wrong passwords from elsewhere do not slow down. */
export class KnownClients extends Migration {
  override up(): void {
    this.addSql(
      `create table "known_clients" ("user_id" uuid not null, "network" text not null, "last_used_at" timestamptz not null default now(), primary key ("user_id", "network"));`,
    );
    this.addSql(`create index "known_clients_last_used_at_index" on "known_clients" ("last_used_at");`);
    this.addSql(
      `alter table "known_clients" add constraint "known_clients_user_id_foreign" foreign key ("user_id") references "users" ("id") on update cascade on delete cascade;`,
    );
  }

  override down(): void {
    this.addSql(`drop table if exists "known_clients" cascade;`);
  }
}
