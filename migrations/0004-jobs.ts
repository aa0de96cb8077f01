import { Migration } from '@mikro-orm/migrations';

/** The job queue; a new job is announced on the channel `identity_jobs` at commit. */
export class Jobs extends Migration {
  override up(): void {
    this.addSql(`
      create table "jobs" (
        "id" bigserial primary key,
        "kind" text not null,
        "key" text null,
        "payload" jsonb not null default '{}',
        "tries" int not null default 0,
        "created_at" timestamptz not null default now(),
        "due_at" timestamptz not null
      );`);
    this.addSql(`alter table "jobs" add constraint "jobs_key_unique" unique ("key");`);
    this.addSql(`create index "jobs_due_at_index" on "jobs" ("due_at");`);
    this.addSql(`
      create function announce_job() returns trigger language plpgsql as $$
      begin
        perform pg_notify('identity_jobs', '');
        return null;
      end $$;`);
    this.addSql(`
      create trigger jobs_added after insert on jobs for each statement execute function announce_job();`);
  }

  override down(): void {
    this.addSql('drop table if exists "jobs" cascade;');
    this.addSql('drop function if exists announce_job() cascade;');
  }
}
