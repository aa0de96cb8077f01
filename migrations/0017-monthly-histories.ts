import { Migration } from '@mikro-orm/migrations';

const HISTORIES = ['login_attempts', 'audit_events'] as const;

/** Indexes of each history besides its primary key: name and columns. */
const INDEXES: Record<(typeof HISTORIES)[number], [name: string, columns: string][]> = {
  login_attempts: [
    ['login_attempts_at_index', '"at"'],
    ['login_attempts_user_id_at_id_index', '"user_id", "at", "id"'],
  ],
  audit_events: [
    ['audit_events_at_index', '"at"'],
    ['audit_events_actor_id_at_id_index', '"actor_id", "at", "id"'],
    ['audit_events_target_id_index', '"target_id"'],
  ],
};

const ANNOUNCEMENT = `create trigger audit_events_added after insert on audit_events
  for each row execute function announce_audit_event();`;

/**
 * Divides the histories by month (UTC), so that rows are not deleted one by one when their time is
 * over: `drop_months` drops the month, without making logins wait for its lock. A row whose month has
 * no partition goes to the default one, until `ensure_month` moves it.
 */
export class MonthlyHistories extends Migration {
  override up(): void {
    this.addSql(`
      create function ensure_month(history text, month timestamptz) returns boolean language plpgsql
        set lock_timeout = '500ms' as $$
      declare
        first constant timestamp := date_trunc('month', month at time zone 'UTC');
        partition constant text := history || to_char(first, '"_"YYYY"_"MM');
        waiting constant text := history || '_default';
        low constant timestamptz := first at time zone 'UTC';
        high constant timestamptz := (first + interval '1 month') at time zone 'UTC';
      begin
        if to_regclass(partition) is not null then
          return false;
        end if;
        -- a row on its way to the default partition would not fit there afterwards
        execute format('lock table %I in share row exclusive mode', history);
        if to_regclass(partition) is not null then
          return false;
        end if;
        execute format('create table %I (like %I including defaults)', partition, history);
        execute format('with moved as (delete from %I where at >= $1 and at < $2 returning *)
          insert into %I select * from moved', waiting, partition) using low, high;
        execute format('alter table %I attach partition %I for values from (%L) to (%L)',
          history, partition, low, high);
        return true;
      end $$;`);
    this.addSql(`
      create function drop_months(history text, before timestamptz) returns setof text language plpgsql
        set lock_timeout = '500ms' as $$
      declare
        partition text;
      begin
        for partition in
          select inhrelid::regclass::text from pg_inherits where inhparent = history::regclass
            and inhrelid::regclass::text ~ '_\\d{4}_\\d\\d$'
            and to_date(right(inhrelid::regclass::text, 7), 'YYYY_MM') + interval '1 month' <= before at time zone 'UTC'
        loop
          execute format('drop table %I', partition);
          return next partition;
        end loop;
      end $$;`);
    for (const history of HISTORIES) {
      this.addSql(`alter table "${history}" rename to "${history}_before";`);
      this.addSql(`create table "${history}" (like "${history}_before" including defaults) partition by range ("at");`);
      this.addSql(`create table "${history}_default" partition of "${history}" default;`);
      this.move(history, `${history}_before`);
      this.addSql(`alter table "${history}" add primary key ("id", "at");`);
    }
    this.addSql(ANNOUNCEMENT);
  }

  override down(): void {
    for (const history of HISTORIES) {
      this.addSql(`create table "${history}_before" (like "${history}" including defaults);`);
      this.addSql(`insert into "${history}_before" select * from "${history}";`);
      this.addSql(`alter sequence "${history}_id_seq" owned by "${history}_before"."id";`);
      this.addSql(`drop table "${history}";`);
      this.addSql(`alter table "${history}_before" rename to "${history}";`);
      this.addSql(`alter table "${history}" add primary key ("id");`);
      this.createIndexes(history);
    }
    this.addSql(ANNOUNCEMENT);
    this.addSql('drop function drop_months(text, timestamptz);');
    this.addSql('drop function ensure_month(text, timestamptz);');
  }

  /** Brings the rows over, month by month. */
  private move(history: (typeof HISTORIES)[number], before: string): void {
    this.addSql(`select ensure_month('${history}', month) from (
      select distinct date_trunc('month', at at time zone 'UTC') at time zone 'UTC' as month from "${before}"
      union select now() union select now() + interval '1 month') as months order by month;`);
    this.addSql(`insert into "${history}" select * from "${before}";`);
    this.addSql(`alter sequence "${history}_id_seq" owned by "${history}"."id";`);
    this.addSql(`drop table "${before}";`);
    this.createIndexes(history);
  }

  private createIndexes(history: (typeof HISTORIES)[number]): void {
    for (const [name, columns] of INDEXES[history]) this.addSql(`create index "${name}" on "${history}" (${columns});`);
  }
}
