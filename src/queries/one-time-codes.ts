import { caseFolded } from '../database/case-fold';
import { sql, statement } from '../database/sql';

/**
 * Adds a code for an active account that still has the address; other live codes stay, so that a
 * stranger who asks for one ends none of the owner's. An account has at most ten for a purpose.
 */
export const insertCode = statement<
  {
    id: string;
    userId: string;
    email: string;
    purpose: string;
    codeHash: string;
    linkHash: string;
    now: Date;
    expiresAt: Date;
  },
  { id: string }
>(
  'insert-one-time-code',
  ({ id, userId, email, purpose, codeHash, linkHash, now, expiresAt }) => sql`
    with owner as (
      select id, email from users where id = ${userId} and email = ${email} and is_active for no key update
    ), surplus as (
      delete from one_time_codes where id in (
        select c.id from one_time_codes c join owner on owner.id = c.user_id
        where c.purpose = ${purpose}::text order by c.created_at desc, c.id offset 9
      )
    )
    insert into one_time_codes (id, user_id, purpose, code_hash, link_hash, email, created_at, expires_at)
    select ${id}::uuid, id, ${purpose}::text, ${codeHash}, ${linkHash}, email, ${now}::timestamptz,
      ${expiresAt}::timestamptz
    from owner returning id`,
);

/** Who a code for this purpose would be mailed to. */
export const findCodeOwner = statement<{ userId: string }, { email: string | null; first_name: string | null }>(
  'find-code-owner',
  ({ userId }) => sql`select email, first_name from users where id = ${userId} and is_active`,
);

export interface TriedCodeRow {
  id: string;
  user_id: string;
  email: string;
  code_hash: string;
}

/**
 * Uses one try of every live code of an address, and returns those that this client, and all
 * clients together, may still try.
 * @param client digest of the client's network
 */
export const tryCodes = statement<
  { email: string; purpose: string; client: string; now: Date; maxTries: number; maxTriesByClient: number },
  TriedCodeRow
>(
  'try-one-time-codes',
  ({ email, purpose, client, now, maxTries, maxTriesByClient }) => sql`
    update one_time_codes c set tries = c.tries + 1,
      client_tries = c.client_tries
        || jsonb_build_object(${client}::text, coalesce((c.client_tries ->> ${client}::text)::int, 0) + 1)
    from users u
    where u.id = c.user_id and u.is_active and u.email_key = ${caseFolded(email)} and u.email = c.email
      and c.purpose = ${purpose} and c.consumed_at is null and c.expires_at > ${now}
      and c.tries < ${maxTries} and coalesce((c.client_tries ->> ${client}::text)::int, 0) < ${maxTriesByClient}
    returning c.id, c.user_id, c.email, c.code_hash`,
);

export const findCodeByLink = statement<
  { linkHash: string; purpose: string; now: Date },
  { id: string; user_id: string; email: string }
>(
  'find-one-time-code-by-link',
  ({ linkHash, purpose, now }) => sql`
    select c.id, c.user_id, c.email from one_time_codes c join users u on u.id = c.user_id
    where c.link_hash = ${linkHash} and c.purpose = ${purpose} and c.consumed_at is null and c.expires_at > ${now}
      and u.is_active and u.email = c.email`,
);

/** One of any number of simultaneous callers gets the row. */
export const consumeCode = statement<{ id: string; now: Date }, { id: string }>(
  'consume-one-time-code',
  ({ id, now }) => sql`
    update one_time_codes set consumed_at = ${now} where id = ${id} and consumed_at is null and expires_at > ${now}
    returning id`,
);

/**
 * Queues the mail with a code for the account of an address: one row whether there is such an
 * account or not, so that the time does not tell. Beyond five live codes the pending mail of the account
 * serves every request, a minute after the last: strangers can neither flood a mailbox nor keep the owner from a code.
 * @param payload JSON; `userId` is added, null without an account
 */
export const insertCodeMailJob = statement<{
  kind: string;
  email: string;
  purpose: string;
  payload: string;
  now: Date;
}>(
  'insert-code-mail-job',
  ({ kind, email, purpose, payload, now }) => sql`
    with owner as (
      select (select id from users where email_key = ${caseFolded(email)} and is_active) as id
    ), recent as (
      select count(*) as n, max(at) as newest from (
        select c.created_at as at from one_time_codes c, owner
        where c.user_id = owner.id and c.purpose = ${purpose}::text and c.expires_at > ${now}::timestamptz
        union all
        select j.due_at from jobs j, owner
        where j.kind = ${kind}::text and j.tries = 0 and j.payload ->> 'purpose' = ${purpose}::text
          and j.payload ->> 'userId' = owner.id::text
      ) as mails
    )
    insert into jobs (kind, key, payload, created_at, due_at)
    select ${kind}::text, case when n >= 5 then ${purpose}::text || ':' || owner.id end,
      ${payload}::jsonb || jsonb_build_object('userId', owner.id), ${now}::timestamptz,
      case when n >= 5
        then greatest(newest + interval '1 minute', ${now}::timestamptz) else ${now}::timestamptz end
    from owner, recent on conflict (key) do nothing`,
);

export const deleteCodesOfUser = statement<{ userId: string }>(
  'delete-one-time-codes-of-user',
  ({ userId }) => sql`delete from one_time_codes where user_id = ${userId}`,
);
