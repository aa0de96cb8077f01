import { Migration } from '@mikro-orm/migrations';

/** Every sort of the users and every history of an account reads its page from an index. */
export class SortIndexes extends Migration {
  override up(): void {
    this.addSql(`create index "users_email_sort_index" on "users" ((coalesce("email_key", '')), "id");`);
    this.addSql(`create index "users_created_at_sort_index" on "users" ("created_at", "id");`);
    this.addSql(
      `create index "users_last_login_at_sort_index" on "users" ((coalesce("last_login_at", '-infinity'::timestamptz)), "id");`,
    );
    this.addSql(`drop index "users_created_at_index";`);

    this.addSql(`create index "login_attempts_user_id_at_id_index" on "login_attempts" ("user_id", "at", "id");`);
    this.addSql(`drop index "login_attempts_user_id_index";`);
    this.addSql(`create index "audit_events_actor_id_at_id_index" on "audit_events" ("actor_id", "at", "id");`);
    this.addSql(`drop index "audit_events_actor_id_index";`);
  }

  override down(): void {
    this.addSql(`create index "audit_events_actor_id_index" on "audit_events" ("actor_id");`);
    this.addSql(`drop index "audit_events_actor_id_at_id_index";`);
    this.addSql(`create index "login_attempts_user_id_index" on "login_attempts" ("user_id");`);
    this.addSql(`drop index "login_attempts_user_id_at_id_index";`);

    this.addSql(`create index "users_created_at_index" on "users" ("created_at");`);
    this.addSql(`drop index "users_last_login_at_sort_index";`);
    this.addSql(`drop index "users_created_at_sort_index";`);
    this.addSql(`drop index "users_email_sort_index";`);
  }
}
