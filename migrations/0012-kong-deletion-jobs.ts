import { Migration } from '@mikro-orm/migrations';

/**
 * Each credential in Kong has a job that deletes it there when it ends, so that the queue's claim
 * and retries replace those of the table.
 */
export class KongDeletionJobs extends Migration {
  override up(): void {
    this.addSql(`drop index "jobs_due_at_index";`);
    this.addSql(`create index "jobs_kind_due_at_index" on "jobs" ("kind", "due_at");`);
    this.addSql(`alter table "kong_credentials" drop column "tries", drop column "next_try_at";`);
    this.addSql(`
      create function schedule_kong_deletion() returns trigger language plpgsql as $$
      begin
        insert into jobs (kind, key, payload, due_at) values ('kong.delete-credential',
          'kong.delete-credential:' || new.key, jsonb_build_object('key', new.key),
          least(new.revoked_at, new.expires_at))
        on conflict (key) do update set due_at = excluded.due_at, tries = 0;
        return null;
      end $$;`);
    this.addSql(`
      create trigger kong_credentials_end after insert or update of revoked_at, expires_at on kong_credentials
      for each row execute function schedule_kong_deletion();`);
    this.addSql(`update kong_credentials set expires_at = expires_at;`); // makes the jobs of existing rows
  }

  override down(): void {
    this.addSql(`drop trigger kong_credentials_end on kong_credentials;`);
    this.addSql(`drop function schedule_kong_deletion();`);
    this.addSql(`delete from jobs where kind = 'kong.delete-credential';`);
    this.addSql(`
      alter table "kong_credentials" add column "tries" int not null default 0,
        add column "next_try_at" timestamptz null;`);
    this.addSql(`drop index "jobs_kind_due_at_index";`);
    this.addSql(`create index "jobs_due_at_index" on "jobs" ("due_at");`);
  }
}
