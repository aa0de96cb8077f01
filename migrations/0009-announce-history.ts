import { Migration } from '@mikro-orm/migrations';

/** New security events announce themselves on `identity_audit`, and changed profiles their account. */
export class AnnounceHistory extends Migration {
  override up(): void {
    this.addSql(`
      create function announce_audit_event() returns trigger language plpgsql as $$
      begin
        perform pg_notify('identity_audit', new.id::text);
        return null;
      end $$;`);
    this.addSql(`
      create trigger audit_events_added after insert on audit_events
        for each row execute function announce_audit_event();`);
    this.addSql(`
      create trigger user_profiles_changed after update of full_name, phone, avatar on user_profiles
        for each row execute function announce_owner();`);
  }

  override down(): void {
    this.addSql('drop trigger if exists user_profiles_changed on user_profiles;');
    this.addSql('drop trigger if exists audit_events_added on audit_events;');
    this.addSql('drop function if exists announce_audit_event();');
  }
}
