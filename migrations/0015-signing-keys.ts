import { Migration } from '@mikro-orm/migrations';

/** Keys of access tokens in the strict profile; every change is announced, as a change of all accounts. */
export class SigningKeys extends Migration {
  override up(): void {
    this.addSql(`
      create table "signing_keys" (
        "kid" text not null,
        "replaces" text null,
        "alg" text not null,
        "public_jwk" jsonb not null,
        "private_jwk" text null,
        "published_at" timestamptz not null,
        "signs_from" timestamptz not null,
        "retires_at" timestamptz null,
        primary key ("kid")
      );`);
    // one successor for each key, and one key without a predecessor: simultaneous rotations add one row
    this.addSql(
      `alter table "signing_keys" add constraint "signing_keys_replaces_unique" unique nulls not distinct ("replaces");`,
    );
    // by row: the clean-up's statement, which rarely finds one, announces nothing
    this.addSql(`
      create trigger signing_keys_changed after insert or update or delete on signing_keys
        for each row execute function announce_all();`);
    this.addSql(`
      create trigger signing_keys_emptied after truncate on signing_keys
        for each statement execute function announce_all();`);
  }

  override down(): void {
    this.addSql('drop table if exists "signing_keys" cascade;');
  }
}
