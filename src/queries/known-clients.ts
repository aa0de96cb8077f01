import { caseFolded } from '../database/case-fold';
import { type Parameter, type Places, type Sql, sql, statement } from '../database/sql';

/** The client of a login, as its limits know it. */
export interface ClientValues {
  now: Date;
  network: string;
}

/** Whether the account has logged in from the network. @param userId SQL of its id */
export const isKnownClient = (network: Parameter, userId: Sql): Sql =>
  sql`exists (select from known_clients k where k.user_id = ${userId} and k.network = ${network})`;

/** One row when the account of the address has logged in from the network. */
export const findKnownClient = statement<{ email: string; network: string }, { id: string }>(
  'find-known-client',
  ({ email, network }) => sql`
    select id from users where email_key = ${caseFolded(email)} and ${isKnownClient(network, sql`users.id`)}`,
);

/**
 * Makes the client known, as part of the statement of the login; returns whether it is new to an
 * account that had others.
 * @param entered name of the part that returns the account's `id`, and no row when it may not enter
 */
export const insertKnownClient = (at: Places<ClientValues>, entered: Sql): Sql => sql`
  insert into known_clients (user_id, network, last_used_at)
  select id, ${at.network}, ${at.now}::timestamptz from ${entered}
  on conflict (user_id, network) do update set last_used_at = excluded.last_used_at
  returning xmax = 0 and exists (select from known_clients others
    where others.user_id = known_clients.user_id) as is_new`;
