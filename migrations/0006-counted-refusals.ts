import { Migration } from '@mikro-orm/migrations';

/** A flood of refusals is one row of the history with a count. */
export class CountedRefusals extends Migration {
  override up(): void {
    this.addSql(`alter table "audit_events" add column "count" int not null default 1;`);
    this.addSql(`alter table "login_attempts" add column "count" int not null default 1;`);
  }

  override down(): void {
    this.addSql(`alter table "login_attempts" drop column "count";`);
    this.addSql(`alter table "audit_events" drop column "count";`);
  }
}
