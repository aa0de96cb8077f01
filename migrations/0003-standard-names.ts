import { Migration } from '@mikro-orm/migrations';

/** Old name to new name, of columns. */
const COLUMNS = [
  ['users', 'spared_token', 'exempt_token_key'],
  ['sessions', 'door', 'channel'],
  ['login_attempts', 'door', 'channel'],
] as const;

const INDEXES = ['pkey', 'user_id_index', 'expires_at_index', 'revoked_at_index'] as const;

/** Gives columns and tables the standard words: channel, Kong, exempt token. */
export class StandardNames extends Migration {
  override up(): void {
    for (const [table, from, to] of COLUMNS) this.addSql(`alter table "${table}" rename column "${from}" to "${to}";`);
    this.renameTable('gateway_credentials', 'kong_credentials');
    this.addSql(`update "login_attempts" set "channel" = 'kong' where "channel" = 'gateway';`);
    this.addSql(`update "audit_events" set "action" = 'kong.signed-in' where "action" = 'gateway.signed-in';`);
  }

  override down(): void {
    this.addSql(`update "audit_events" set "action" = 'gateway.signed-in' where "action" = 'kong.signed-in';`);
    this.addSql(`update "login_attempts" set "channel" = 'gateway' where "channel" = 'kong';`);
    this.renameTable('kong_credentials', 'gateway_credentials');
    for (const [table, from, to] of COLUMNS) this.addSql(`alter table "${table}" rename column "${to}" to "${from}";`);
  }

  private renameTable(from: string, to: string): void {
    this.addSql(`alter table "${from}" rename to "${to}";`);
    for (const suffix of INDEXES) this.addSql(`alter index "${from}_${suffix}" rename to "${to}_${suffix}";`);
  }
}
