import { Migration } from '@mikro-orm/migrations';

/** Invitations to register. */
export class Invitations extends Migration {
  override up(): void {
    this.addSql(`
      create table "invitations" (
        "id" uuid not null default gen_random_uuid(),
        "email" text not null,
        "roles" jsonb not null default '[]',
        "token_hash" text null,
        "invited_by" uuid null,
        "created_at" timestamptz not null default now(),
        "expires_at" timestamptz not null,
        "accepted_at" timestamptz null,
        primary key ("id")
      );`);
    this.addSql(`alter table "invitations" add constraint "invitations_token_hash_unique" unique ("token_hash");`);
    this.addSql(`create index "invitations_expires_at_index" on "invitations" ("expires_at");`);
  }

  override down(): void {
    this.addSql('drop table if exists "invitations" cascade;');
  }
}
