import { Migration } from '@mikro-orm/migrations';

/** The ACL groups that Kong has for the owner of a credential, so that changed roles are noticed. */
export class KongGroups extends Migration {
  override up(): void {
    this.addSql(`alter table "kong_credentials" add column "groups" text[] null;`);
  }

  override down(): void {
    this.addSql(`alter table "kong_credentials" drop column "groups";`);
  }
}
