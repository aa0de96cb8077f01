import { type Places, type Sql, sql, statement } from '../database/sql';
import { USER_COLUMNS, type UserRow } from './users';

interface HoldersPage {
  /** As PostgreSQL reads an array: `{id,id}`. */
  roleIds: string;
  /** Rows for each role. */
  limit: number;
}

/** Up to here, a role's holders are sorted; the users of a larger role are read in order. */
const FEW_HOLDERS = sql`5000`;

/**
 * The planner knows how many users an average role has, and would read a million users in order to
 * find three; so that each role is counted first. `offset 0` keeps it from joining in the order of
 * the names.
 */
const holders = (at: Places<HoldersPage>, condition: Sql): Sql => sql`
  with role as materialized (
    select id, (select count(*) from (
      select from user_roles held where held.role_id = given.id limit ${FEW_HOLDERS}
    ) as counted) < ${FEW_HOLDERS} as has_few from unnest(${at.roleIds}::uuid[]) as given (id)
  )
  select role.id as role_id, holder.* from role cross join lateral (
    (select * from (
      select ${USER_COLUMNS} from (
        select user_id from user_roles where role_id = role.id and role.has_few limit ${FEW_HOLDERS}
      ) as held join users u on u.id = held.user_id ${condition} offset 0
    ) as few order by username_key limit ${at.limit}::int)
    union all
    (select ${USER_COLUMNS} from users u where not role.has_few
      and (select true from user_roles held where held.user_id = u.id and held.role_id = role.id) ${condition}
      order by u.username_key limit ${at.limit}::int)
  ) as holder order by role.id, holder.username_key`;

type HolderRow = UserRow & { role_id: string };

/** The first holders of each role, by their names. */
export const findFirstHolders = statement<HoldersPage, HolderRow>('find-first-holders', (at) => holders(at, sql``));

/** The next holders of each role, by their names. */
export const findNextHolders = statement<HoldersPage & { after: string }, HolderRow>('find-next-holders', (at) =>
  holders(at, sql`and u.username_key > ${at.after}`),
);

/** How many users hold each role; no row for a role without holders. */
export const countHolders = statement<{ roleIds: string }, { role_id: string; count: string }>(
  'count-holders',
  ({ roleIds }) =>
    sql`select role_id, count(*) as count from user_roles where role_id = any(${roleIds}::uuid[]) group by role_id`,
);
