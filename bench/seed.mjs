import bcrypt from 'bcrypt';
import { withDatabase } from './services.mjs';

/**
 * The password of all seeded users: one hash serves for all, since no load tells users apart by it.
 */
export const PASSWORD = 'a password for the benchmark';
const ROLES = 10;
const PERMISSIONS_PER_ROLE = 3;

export const userName = (number) => `bench_${String(number).padStart(7, '0')}`;

/**
 * Fills a migrated database up to `users` users, the administrator counted: 2 roles each, and 3
 * permissions in each of ten roles. The names sort as their numbers, from 1.
 */
export async function seedUsers(url, users) {
  const hash = await bcrypt.hash(PASSWORD, 10);
  await withDatabase(url, async (client) => {
    await client.query('begin');
    await client.query(
      `insert into roles (name, description, precedence)
       select 'BENCH_' || r, 'Role ' || r || ' of the benchmark', 10 + r from generate_series(0, $1 - 1) r`,
      [ROLES],
    );
    await client.query(
      `insert into permissions (name, description)
       select 'BENCH_' || r || '_' || p, 'Permission ' || p || ' of role ' || r from generate_series(0, $1 - 1) r, generate_series(1, $2) p`,
      [ROLES, PERMISSIONS_PER_ROLE],
    );
    await client.query(
      `insert into role_permissions (role_id, permission_id)
       select r.id, p.id from roles r join permissions p on p.name like r.name || '\\_%' where r.name like 'BENCH\\_%'`,
    );
    await client.query(
      `insert into users (username, email, password_hash, password_scheme, first_name, last_name, phone, dob)
       select 'bench_' || lpad(n::text, 7, '0'), 'bench_' || n || '@example.org', $2, 'bcrypt', 'First' || n, 'Last' || (n % 1000),
         '+84' || lpad(n::text, 9, '0'), date '1980-01-01' + (n % 9000)
       from generate_series(1, $1::int) n`,
      [users - 1, hash],
    );
    await client.query(
      `with held as (select array_agg(id order by name) as ids from roles where name like 'BENCH\\_%')
       insert into user_roles (user_id, role_id)
       select u.id, held.ids[1 + which.role] from held, users u
       cross join lateral (select substr(u.username, 7)::int as n) as number
       cross join lateral (values (n % $1::int), ((n + 1 + n / $1 % ($1 - 1)) % $1)) as which(role)
       where u.username like 'bench\\_%'`,
      [ROLES],
    );
    await client.query('commit');
    await client.query('vacuum analyze');
  });
}
