// The least that a rotation costs: the token before is used up and the next one written, two
// statements in one transaction through pg.
import { createHash, randomBytes, randomUUID } from 'node:crypto';
import pg from 'pg';
import { bodyOf, sendJson, serve, settings } from './floor.mjs';

const pool = new pg.Pool({ connectionString: settings.databaseUrl, max: 10 });
const hash = (token) => createHash('sha256').update(token).digest('hex');
const CONSUME = {
  name: 'consume',
  text: `update floor_tokens set consumed_at = now() where token = $1 and consumed_at is null and expires_at > now()
    returning id, user_id, session_id`,
};
const INSERT = {
  name: 'insert',
  text: `insert into floor_tokens (id, user_id, session_id, token, parent_id, expires_at) values ($1, $2, $3, $4, $5, now() + interval '7 days')`,
};

async function rotate(token) {
  const client = await pool.connect();
  try {
    await client.query('begin');
    const { rows } = await client.query({ ...CONSUME, values: [hash(token)] });
    const next = randomBytes(32).toString('base64url');
    if (rows[0])
      await client.query({
        ...INSERT,
        values: [randomUUID(), rows[0].user_id, rows[0].session_id, hash(next), rows[0].id],
      });
    await client.query('commit');
    return rows[0] ? next : undefined;
  } catch (error) {
    await client.query('rollback');
    throw error;
  } finally {
    client.release();
  }
}

serve(async (request, response) => {
  const { variables } = JSON.parse(await bodyOf(request));
  const next = await rotate(variables.input.refreshToken);
  if (!next) return response.writeHead(401).end();
  sendJson(response, JSON.stringify({ data: { refresh: { tokens: { refreshToken: next } } } }));
});
