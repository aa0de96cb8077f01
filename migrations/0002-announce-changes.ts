import { Migration } from '@mikro-orm/migrations';

/**
 * Whatever can take a right away announces itself on the channel `identity_changes`, at commit,
 * whoever wrote it: this service, another process, or an administrator in psql. The payload is the
 * id of the account concerned, or `*` for all (roles and permissions). The listener is
 * src/database/change-feed.ts.
 */
export class AnnounceChanges extends Migration {
  override up(): void {
    this.addSql(`
      create function announce_account() returns trigger language plpgsql as $$
      begin
        perform pg_notify('identity_changes', old.id::text);
        return null;
      end $$;`);
    // not of last_login_at and updated_at: a login changes no right
    this.addSql(`
      create trigger users_changed after update of username, email, first_name, last_name, phone, dob, is_active, is_verified,
        token_version, tokens_valid_after, spared_token on users
        for each row execute function announce_account();`);
    this.addSql(`create trigger users_deleted after delete on users for each row execute function announce_account();`);

    this.addSql(`
      create function announce_owner() returns trigger language plpgsql as $$
      begin
        if new.user_id is not null then perform pg_notify('identity_changes', new.user_id::text); end if;
        return null;
      end $$;`);
    this.addSql(`
      create trigger sessions_revoked after update of revoked_at on sessions
        for each row when (old.revoked_at is null and new.revoked_at is not null) execute function announce_owner();`);
    this.addSql(`
      create trigger sessions_shortened after update of idle_until, expires_at on sessions
        for each row when (new.idle_until < old.idle_until or new.expires_at < old.expires_at) execute function announce_owner();`);
    this.addSql(`
      create function announce_former_owner() returns trigger language plpgsql as $$
      begin
        perform pg_notify('identity_changes', old.user_id::text);
        return null;
      end $$;`);
    this.addSql(`
      create trigger sessions_deleted after delete on sessions for each row
        when (old.revoked_at is null and least(old.idle_until, old.expires_at) > now()) execute function announce_former_owner();`);
    this.addSql(
      `create trigger tokens_revoked after insert on revoked_tokens for each row execute function announce_owner();`,
    );

    // one statement may touch a million holders (a role deleted): past a hundred everything is
    // announced at once
    this.addSql(`
      create function announce_holders() returns trigger language plpgsql as $$
      declare ids text[];
      begin
        select array_agg(id) into ids from (select distinct user_id::text as id from changed limit 101) as first_ones;
        if cardinality(ids) > 100 then perform pg_notify('identity_changes', '*');
        else perform pg_notify('identity_changes', id) from unnest(coalesce(ids, array[]::text[])) as id;
        end if;
        return null;
      end $$;`);
    this.addSql(`
      create trigger user_roles_taken after delete on user_roles referencing old table as changed
        for each statement execute function announce_holders();`);
    this.addSql(`
      create trigger user_roles_given after insert on user_roles referencing new table as changed
        for each statement execute function announce_holders();`);

    this.addSql(`
      create trigger user_roles_moved after update on user_roles referencing old table as changed
        for each statement execute function announce_holders();`);

    this.addSql(`
      create function announce_all() returns trigger language plpgsql as $$
      begin
        perform pg_notify('identity_changes', '*');
        return null;
      end $$;`);
    for (const table of ['roles', 'permissions', 'role_permissions']) {
      this.addSql(`
        create trigger ${table}_changed after insert or update or delete or truncate on ${table}
          for each statement execute function announce_all();`);
    }
    for (const table of ['users', 'user_roles', 'sessions']) {
      this.addSql(
        `create trigger ${table}_emptied after truncate on ${table} for each statement execute function announce_all();`,
      );
    }
  }

  override down(): void {
    for (const name of [
      'announce_account',
      'announce_owner',
      'announce_former_owner',
      'announce_holders',
      'announce_all',
    ]) {
      this.addSql(`drop function if exists ${name}() cascade;`);
    }
  }
}
