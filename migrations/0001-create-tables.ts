import { Migration } from '@mikro-orm/migrations';

/** The tables, as the entities describe them. */
export class CreateTables extends Migration {
  override up(): void {
    // trigram index for the text filter of `users`; a trusted extension: the owner of the database
    // may create it
    this.addSql('create extension if not exists pg_trgm;');
    this.addSql(
      `create table "audit_events" ("id" bigserial primary key, "at" timestamptz not null default now(), "action" text not null, "actor_id" uuid null, "actor_name" text null, "target_type" text null, "target_id" text null, "address" text null, "user_agent" text null, "detail" jsonb not null default '{}');`,
    );
    this.addSql(`create index "audit_events_at_index" on "audit_events" ("at");`);
    this.addSql(`create index "audit_events_actor_id_index" on "audit_events" ("actor_id");`);
    this.addSql(`create index "audit_events_target_id_index" on "audit_events" ("target_id");`);

    this.addSql(
      `create table "gateway_credentials" ("key" text not null, "user_id" uuid not null, "consumer" text not null, "kong_id" text null, "created_at" timestamptz not null default now(), "expires_at" timestamptz not null, "revoked_at" timestamptz null, "tries" int not null default 0, "next_try_at" timestamptz null, primary key ("key"));`,
    );
    this.addSql(`create index "gateway_credentials_user_id_index" on "gateway_credentials" ("user_id");`);
    this.addSql(`create index "gateway_credentials_expires_at_index" on "gateway_credentials" ("expires_at");`);
    this.addSql(`create index "gateway_credentials_revoked_at_index" on "gateway_credentials" ("revoked_at");`);

    this.addSql(
      `create table "login_attempts" ("id" bigserial primary key, "at" timestamptz not null default now(), "identifier" text not null, "user_id" uuid null, "door" text not null, "address" text null, "user_agent" text null, "outcome" text not null);`,
    );
    this.addSql(`create index "login_attempts_at_index" on "login_attempts" ("at");`);
    this.addSql(`create index "login_attempts_user_id_index" on "login_attempts" ("user_id");`);

    this.addSql(
      `create table "permissions" ("id" uuid not null default gen_random_uuid(), "name" text not null, "description" text null, "created_at" timestamptz not null default now(), primary key ("id"));`,
    );
    this.addSql(`alter table "permissions" add constraint "permissions_name_unique" unique ("name");`);

    this.addSql(
      `create table "revoked_tokens" ("key" text not null, "user_id" uuid null, "revoked_at" timestamptz not null default now(), "expires_at" timestamptz not null, primary key ("key"));`,
    );
    this.addSql(`create index "revoked_tokens_expires_at_index" on "revoked_tokens" ("expires_at");`);

    this.addSql(
      `create table "roles" ("id" uuid not null default gen_random_uuid(), "name" text not null, "description" text null, "precedence" int not null default 100, "created_at" timestamptz not null default now(), primary key ("id"));`,
    );
    this.addSql(`alter table "roles" add constraint "roles_name_unique" unique ("name");`);

    this.addSql(
      `create table "role_permissions" ("role_id" uuid not null, "permission_id" uuid not null, primary key ("role_id", "permission_id"));`,
    );
    this.addSql(`create index "role_permissions_permission_id_index" on "role_permissions" ("permission_id");`);

    this.addSql(
      `create table "seed_marks" ("name" text not null, "done_at" timestamptz not null default now(), primary key ("name"));`,
    );

    this.addSql(
      `create table "users" ("id" uuid not null default gen_random_uuid(), "username" text not null, "username_key" text generated always as (lower(username collate "und-x-icu") collate "C") stored not null, "email" text null, "email_key" text generated always as (lower(email collate "und-x-icu") collate "C") stored null, "password_hash" text not null, "password_scheme" text not null, "first_name" text null, "last_name" text null, "phone" text null, "dob" date null, "is_active" boolean not null default true, "is_verified" boolean not null default false, "token_version" int not null default 1, "tokens_valid_after" timestamptz null, "spared_token" text null, "created_at" timestamptz not null default now(), "updated_at" timestamptz not null default now(), "last_login_at" timestamptz null, "search_text" text generated always as (lower((username || ' ' || coalesce(email, '') || ' ' || coalesce(first_name, '') || ' ' || coalesce(last_name, '')) collate "und-x-icu")) stored not null, primary key ("id"));`,
    );
    this.addSql(`alter table "users" add constraint "users_username_key_unique" unique ("username_key");`);
    this.addSql(`alter table "users" add constraint "users_email_key_unique" unique ("email_key");`);
    this.addSql(`create index "users_created_at_index" on "users" ("created_at");`);
    this.addSql(`create index "users_search_text_trgm" on "users" using gin ("search_text" gin_trgm_ops);`);

    this.addSql(
      `create table "sessions" ("id" uuid not null default gen_random_uuid(), "user_id" uuid not null, "door" text not null, "address" text null, "user_agent" text null, "created_at" timestamptz not null default now(), "last_seen_at" timestamptz not null default now(), "idle_until" timestamptz not null, "expires_at" timestamptz not null, "revoked_at" timestamptz null, "revoke_reason" text null, primary key ("id"));`,
    );
    this.addSql(`create index "sessions_user_id_index" on "sessions" ("user_id");`);
    this.addSql(`create index "sessions_idle_until_index" on "sessions" ("idle_until");`);

    this.addSql(
      `create table "refresh_tokens" ("id" uuid not null default gen_random_uuid(), "user_id" uuid not null, "session_id" uuid not null, "token" text not null, "parent_id" uuid null, "created_at" timestamptz not null default now(), "expires_at" timestamptz not null, "consumed_at" timestamptz null, primary key ("id"));`,
    );
    this.addSql(`create index "refresh_tokens_user_id_index" on "refresh_tokens" ("user_id");`);
    this.addSql(`create index "refresh_tokens_session_id_index" on "refresh_tokens" ("session_id");`);
    this.addSql(`alter table "refresh_tokens" add constraint "refresh_tokens_token_unique" unique ("token");`);
    this.addSql(`alter table "refresh_tokens" add constraint "refresh_tokens_parent_id_unique" unique ("parent_id");`);
    this.addSql(`create index "refresh_tokens_expires_at_index" on "refresh_tokens" ("expires_at");`);

    this.addSql(
      `create table "one_time_codes" ("id" uuid not null default gen_random_uuid(), "user_id" uuid not null, "purpose" text not null, "code_hash" text not null, "link_hash" text null, "email" text not null, "tries" int not null default 0, "created_at" timestamptz not null default now(), "expires_at" timestamptz not null, "consumed_at" timestamptz null, primary key ("id"));`,
    );
    this.addSql(`create index "one_time_codes_user_id_index" on "one_time_codes" ("user_id");`);
    this.addSql(`alter table "one_time_codes" add constraint "one_time_codes_link_hash_unique" unique ("link_hash");`);
    this.addSql(`create index "one_time_codes_expires_at_index" on "one_time_codes" ("expires_at");`);

    this.addSql(
      `create table "user_roles" ("user_id" uuid not null, "role_id" uuid not null, primary key ("user_id", "role_id"));`,
    );
    this.addSql(`create index "user_roles_role_id_index" on "user_roles" ("role_id");`);

    this.addSql(
      `create table "user_profiles" ("user_id" uuid not null, "full_name" text null, "phone" text null, "avatar" text null, "created_at" timestamptz not null default now(), "updated_at" timestamptz not null default now(), primary key ("user_id"));`,
    );

    this.addSql(
      `alter table "role_permissions" add constraint "role_permissions_role_id_foreign" foreign key ("role_id") references "roles" ("id") on update cascade on delete cascade;`,
    );
    this.addSql(
      `alter table "role_permissions" add constraint "role_permissions_permission_id_foreign" foreign key ("permission_id") references "permissions" ("id") on update cascade on delete cascade;`,
    );

    this.addSql(
      `alter table "sessions" add constraint "sessions_user_id_foreign" foreign key ("user_id") references "users" ("id") on update cascade on delete cascade;`,
    );

    this.addSql(
      `alter table "refresh_tokens" add constraint "refresh_tokens_user_id_foreign" foreign key ("user_id") references "users" ("id") on update cascade on delete cascade;`,
    );
    this.addSql(
      `alter table "refresh_tokens" add constraint "refresh_tokens_session_id_foreign" foreign key ("session_id") references "sessions" ("id") on update cascade on delete cascade;`,
    );

    this.addSql(
      `alter table "one_time_codes" add constraint "one_time_codes_user_id_foreign" foreign key ("user_id") references "users" ("id") on update cascade on delete cascade;`,
    );

    this.addSql(
      `alter table "user_roles" add constraint "user_roles_user_id_foreign" foreign key ("user_id") references "users" ("id") on update cascade on delete cascade;`,
    );
    this.addSql(
      `alter table "user_roles" add constraint "user_roles_role_id_foreign" foreign key ("role_id") references "roles" ("id") on update cascade on delete cascade;`,
    );

    this.addSql(
      `alter table "user_profiles" add constraint "user_profiles_user_id_foreign" foreign key ("user_id") references "users" ("id") on update cascade on delete cascade;`,
    );
  }

  override down(): void {
    this.addSql(`drop table if exists "user_profiles" cascade;`);
    this.addSql(`drop table if exists "user_roles" cascade;`);
    this.addSql(`drop table if exists "one_time_codes" cascade;`);
    this.addSql(`drop table if exists "refresh_tokens" cascade;`);
    this.addSql(`drop table if exists "sessions" cascade;`);
    this.addSql(`drop table if exists "users" cascade;`);
    this.addSql(`drop table if exists "seed_marks" cascade;`);
    this.addSql(`drop table if exists "role_permissions" cascade;`);
    this.addSql(`drop table if exists "roles" cascade;`);
    this.addSql(`drop table if exists "revoked_tokens" cascade;`);
    this.addSql(`drop table if exists "permissions" cascade;`);
    this.addSql(`drop table if exists "login_attempts" cascade;`);
    this.addSql(`drop table if exists "gateway_credentials" cascade;`);
    this.addSql(`drop table if exists "audit_events" cascade;`);
  }
}
