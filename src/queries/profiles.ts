import { sql, statement } from '../database/sql';

export interface ProfileRow {
  user_id: string;
  full_name: string | null;
  phone: string | null;
  avatar: string | null;
}

export const findProfile = statement<{ userId: string }, ProfileRow>(
  'find-profile',
  ({ userId }) => sql`select user_id, full_name, phone, avatar from user_profiles where user_id = ${userId}`,
);

/**
 * Profiles as `insertProfileOfUser` would make the missing ones.
 * @param userIds as PostgreSQL reads an array: `{id,id}`
 */
export const findProfiles = statement<{ userIds: string }, ProfileRow>(
  'find-profiles',
  ({ userIds }) => sql`select u.id as user_id, p.avatar,
      case when p.user_id is null then nullif(concat_ws(' ', u.first_name, u.last_name), '')
        else p.full_name end as full_name,
      case when p.user_id is null then u.phone else p.phone end as phone
    from users u left join user_profiles p on p.user_id = u.id where u.id = any(${userIds}::uuid[])`,
);

/**
 * Makes the profile from the account's names. The update that changes nothing returns the row of a
 * simultaneous first reader too.
 */
export const insertProfileOfUser = statement<{ userId: string; now: Date }, ProfileRow>(
  'insert-profile-of-user',
  ({ userId, now }) => sql`insert into user_profiles (user_id, full_name, phone, created_at, updated_at)
    select id, nullif(concat_ws(' ', first_name, last_name), ''), phone, ${now}::timestamptz, ${now}::timestamptz
      from users where id = ${userId}
    on conflict (user_id) do update set user_id = excluded.user_id returning user_id, full_name, phone, avatar`,
);

interface NewProfile {
  userId: string;
  fullName: string | null;
  phone: string | null;
  avatar: string | null;
  now: Date;
}

export const updateProfileOfUser = statement<NewProfile, ProfileRow>(
  'update-profile-of-user',
  ({ userId, fullName, phone, avatar, now }) => sql`update user_profiles
    set full_name = ${fullName}, phone = ${phone}, avatar = ${avatar}, updated_at = ${now}
    where user_id = ${userId} returning user_id, full_name, phone, avatar`,
);
