// The least that a list costs: PostgreSQL makes the whole answer, and node:http passes it on.
import pg from 'pg';
import { sendJson, serve, settings } from './floor.mjs';

const pool = new pg.Pool({ connectionString: settings.databaseUrl, max: 10 });
const LIST = `
  with role as (
    select r.id, r.precedence, r.name, json_build_object('name', r.name, 'description', r.description, 'permissions', coalesce((
      select json_agg(json_build_object('name', p.name, 'description', p.description) order by p.name)
      from role_permissions rp join permissions p on p.id = rp.permission_id where rp.role_id = r.id), '[]')) as json
    from roles r
  ), page as (
    select * from users order by username_key limit $1
  )
  select json_build_object('data', json_build_object('users', json_build_object('nodes', json_agg(json_build_object(
      'id', u.id, 'username', u.username, 'firstName', u.first_name, 'lastName', u.last_name, 'dob', u.dob, 'email', u.email,
      'phone', u.phone, 'roles', coalesce((
        select json_agg(role.json order by role.precedence, role.name) from user_roles ur join role on role.id = ur.role_id
        where ur.user_id = u.id), '[]')) order by u.username_key))))::text as answer
  from page u`;

serve(async (_request, response) => {
  const { rows } = await pool.query({ name: 'list', text: LIST, values: [settings.size] });
  sendJson(response, rows[0].answer);
});
