import { sql, statement } from '../database/sql';
import { type ClientValues, insertKnownClient } from './known-clients';
import { insertSuccessfulLogin, type LoginAttemptValues } from './login-attempts';

/** A row before Kong is asked: `expiresAt` is short until Kong has confirmed the credential. */
export const reserveKongCredential = statement<{
  key: string;
  userId: string;
  consumer: string;
  now: Date;
  expiresAt: Date;
}>(
  'reserve-kong-credential',
  ({ key, userId, consumer, now, expiresAt }) => sql`
    insert into kong_credentials (key, user_id, consumer, created_at, expires_at)
    values (${key}, ${userId}, ${consumer}, ${now}, ${expiresAt})`,
);

// One statement decides: it locks the account and checks it again, so that a sign-in fails when the
// password was changed, or the account disabled, after the password was verified; and a logout is
// either seen here or finds the credential.
export const confirmKongCredential = statement<
  LoginAttemptValues &
    ClientValues & { key: string; kongId: string; userId: string; tokenVersion: number; expiresAt: Date },
  { entered: true | null; live: true | null }
>(
  'confirm-kong-credential',
  (at) => sql`
    with entered as (
      update users set last_login_at = ${at.now}
      where id = ${at.userId} and is_active and token_version = ${at.tokenVersion} returning id
    ), attempt as (
      ${insertSuccessfulLogin(at, sql`entered`)}
    ), known as (
      ${insertKnownClient(at, sql`entered`)}
    ), confirmed as (
      update kong_credentials c set kong_id = ${at.kongId}, expires_at = ${at.expiresAt}
      from entered where c.key = ${at.key} returning c.revoked_at
    )
    select (select true from entered) as entered, (select true from confirmed where revoked_at is null) as live`,
);

// After the confirmation, as a statement of its own: the last of simultaneous sign-ins sees all
// confirmed credentials. Reserved ones do not count.
export const evictKongCredentials = statement<{ userId: string; now: Date; max: number }, { key: string }>(
  'evict-kong-credentials',
  ({ userId, now, max }) => sql`
    update kong_credentials set revoked_at = ${now}
    where user_id = ${userId} and revoked_at is null and kong_id is not null and key not in (
      select key from kong_credentials where user_id = ${userId} and revoked_at is null and kong_id is not null
      order by created_at desc, key limit ${max}
    ) returning key`,
);

/** The owner of a key, while the key is valid. */
export const findValidKongCredential = statement<
  { key: string; now: Date },
  { user_id: string; consumer: string; expires_at: Date | string }
>(
  'find-valid-kong-credential',
  ({ key, now }) => sql`
    select c.user_id, c.consumer, c.expires_at from kong_credentials c join users u on u.id = c.user_id
    where c.key = ${key} and c.kong_id is not null and c.revoked_at is null and c.expires_at > ${now} and u.is_active`,
);

/** Revokes the credentials of accounts; their deletion in Kong is due at the commit. @param ids `{id,id}` */
export const revokeKongCredentials = statement<{ ids: string; now: Date }>(
  'revoke-kong-credentials',
  ({ ids, now }) => sql`
    update kong_credentials set revoked_at = ${now} where user_id = any(${ids}::uuid[]) and revoked_at is null`,
);

/** Revokes one key; its deletion in Kong is due at the commit. */
export const revokeKongCredential = statement<{ key: string; now: Date }, { user_id: string }>(
  'revoke-kong-credential',
  ({ key, now }) => sql`
    update kong_credentials set revoked_at = ${now} where key = ${key} and revoked_at is null returning user_id`,
);

/** Also of accounts that plain SQL has disabled or deleted. @param ids `{id,id}`, null for all */
export const revokeOrphanedKongCredentials = statement<{ ids: string | null; now: Date }>(
  'revoke-orphaned-kong-credentials',
  ({ ids, now }) => sql`
    update kong_credentials c set revoked_at = ${now}
    where revoked_at is null and (${ids}::uuid[] is null or user_id = any(${ids}::uuid[]))
      and not exists (select from users u where u.id = c.user_id and u.is_active)`,
);

/** Records a credential that Kong may hold although its sign-in failed. */
export const abandonKongCredential = statement<{ key: string; userId: string; consumer: string; now: Date }>(
  'abandon-kong-credential',
  ({ key, userId, consumer, now }) => sql`
    insert into kong_credentials (key, user_id, consumer, created_at, expires_at, revoked_at)
    values (${key}, ${userId}, ${consumer}, ${now}, ${now}, ${now})
    on conflict (key) do update set revoked_at = coalesce(kong_credentials.revoked_at, excluded.revoked_at)`,
);

/** What the deletion in Kong has to know; `ends_at` is the moment from which the key is invalid. */
export const findKongCredential = statement<
  { key: string },
  { consumer: string; confirmed: boolean; created_at: Date | string; ends_at: Date | string }
>(
  'find-kong-credential',
  ({ key }) => sql`
    select consumer, kong_id is not null as confirmed, created_at, least(revoked_at, expires_at) as ends_at
    from kong_credentials where key = ${key}`,
);

// Compares `confirmed`: a credential that was confirmed meanwhile is looked at once more.
export const deleteKongCredential = statement<{ key: string; confirmed: boolean }, { key: string }>(
  'delete-kong-credential',
  ({ key, confirmed }) => sql`
    delete from kong_credentials where key = ${key} and (kong_id is not null) = ${confirmed} returning key`,
);

/** Whether a consumer's user still exists. */
export const findConsumerOwner = statement<{ id: string }, { id: string }>(
  'find-consumer-owner',
  ({ id }) => sql`select id from users where id = ${id}`,
);

/**
 * Owners of valid credentials whose roles differ from the ACL groups that were last written to
 * Kong. @param userId null for all
 */
export const findStaleGroups = statement<{ userId: string | null; now: Date; limit: number }, { user_id: string }>(
  'find-stale-kong-groups',
  ({ userId, now, limit }) => sql`
    select distinct c.user_id from kong_credentials c
    where c.revoked_at is null and c.kong_id is not null and c.expires_at > ${now}
      and (${userId}::uuid is null or c.user_id = ${userId}::uuid)
      and c.groups is distinct from array(
        select r.name::text from user_roles ur join roles r on r.id = ur.role_id where ur.user_id = c.user_id
        order by r.name collate "C"
      )
    limit ${limit}`,
);

/** @param groups sorted, as `{A,B}`: names of roles hold no character that needs a quote */
export const setKongGroups = statement<{ userId: string; groups: string }>(
  'set-kong-groups',
  ({ userId, groups }) => sql`
    update kong_credentials set groups = ${groups}::text[]
    where user_id = ${userId} and revoked_at is null and kong_id is not null`,
);
