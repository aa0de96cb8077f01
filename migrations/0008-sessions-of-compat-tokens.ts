import { Migration } from '@mikro-orm/migrations';

/** A compat token that was refreshed names its session, which ends when the token is replayed. */
export class SessionsOfCompatTokens extends Migration {
  override up(): void {
    this.addSql(`alter table "revoked_tokens" add column "session_id" uuid null;`);
  }

  override down(): void {
    this.addSql(`alter table "revoked_tokens" drop column "session_id";`);
  }
}
