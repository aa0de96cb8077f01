import { Migration } from '@mikro-orm/migrations';

/** A role that SQL moves to another account is announced to its new holder too, whose answers show it. */
export class AnnounceMovedRoles extends Migration {
  override up(): void {
    this.addSql(`
      create trigger user_roles_received after update on user_roles referencing new table as changed
        for each statement execute function announce_holders();`);
  }

  override down(): void {
    this.addSql('drop trigger if exists user_roles_received on user_roles;');
  }
}
