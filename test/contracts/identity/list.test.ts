import http from 'node:http';
import { type RestWorld, startRest } from '../../support/rest';

const COUNT = 30_000;
const PAGE = 100;

let world: RestWorld;
let token: string;
beforeAll(async () => {
  world = await startRest();
  token = await world.login('admin', 'password123');
  await world.app.sql(
    `insert into users (username, password_hash, password_scheme, first_name, last_name, email, phone)
     select 'listed' || i, '$2b$04$unusable', 'bcrypt', 'Văn "A" \\' || i, 'Nguyễn', 'listed' || i || '@example.org', '0123456789'
     from generate_series(1, ${COUNT}) i`,
  );
});
afterAll(() => world.close());

/** Not with toThrow: a message with megabytes in it helps no reader. */
function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** Takes an answer chunk by chunk; resolves with what arrived and whether it was all. */
function take(
  onFirst: (response: http.IncomingMessage) => Promise<void>,
): Promise<{ text: string; complete: boolean; status: number }> {
  return new Promise((resolve, reject) => {
    http
      .get(`${world.main.base}/users`, { headers: { authorization: `Bearer ${token}` } }, (response) => {
        let text = '';
        let started = false;
        response.setEncoding('utf8');
        response.on('data', (chunk: string) => {
          text += chunk;
          if (started) return;
          started = true;
          response.pause();
          onFirst(response).then(() => response.resume(), reject);
        });
        response.on('error', () => undefined);
        response.on('close', () => resolve({ text, complete: response.complete, status: response.statusCode! }));
      })
      .on('error', reject);
  });
}

test('answers every user once, whatever their number', async () => {
  const { status, headers, body } = await world.main.call('GET /users', { token });
  expect(status).toBe(200);
  expect([headers.get('content-type'), headers.get('transfer-encoding')]).toEqual([
    'application/json; charset=utf-8',
    'chunked',
  ]);
  expect(Object.keys(body)).toEqual(['code', 'result']);
  expect(body.code).toBe(1000);
  expect(body.result).toHaveLength(COUNT + 1);
  const names: string[] = body.result.map(({ username }: { username: string }) => username);
  expect(new Set(names).size).toBe(COUNT + 1);
  expect(body.result.find(({ username }: { username: string }) => username === 'listed17')).toEqual({
    id: expect.any(String),
    username: 'listed17',
    firstName: 'Văn "A" \\17',
    lastName: 'Nguyễn',
    dob: null,
    email: 'listed17@example.org',
    phone: '0123456789',
    roles: [],
  });
});

test('answers HEAD without asking for more than one page', async () => {
  const statements = await world.app.statements.during(async () => {
    const { status, text } = await world.main.call('HEAD /users', { token });
    expect([status, text]).toEqual([200, '']);
  });
  expect(statements.filter((sql) => sql.includes('order by u.username_key'))).toHaveLength(1);
});

test('reads no page before the client has received the last one', async () => {
  const pages = async (work: () => Promise<unknown>) =>
    (await world.app.statements.during(work)).filter((sql) => sql.includes('order by u.username_key')).length;
  const asked = await pages(() =>
    take(async (response) => {
      await new Promise((resolve) => setTimeout(resolve, 500));
      response.destroy();
    }),
  );
  // what is in the buffers of two sockets, far from the whole list
  expect(asked).toBeGreaterThan(0);
  expect(asked).toBeLessThan(COUNT / PAGE);
});

test('lists every user exactly once while others are created and deleted', async () => {
  const { text, complete } = await take(async () => {
    await world.app.sql("delete from users where username in ('listed5', 'listed29999')");
    await world.app.sql(
      "insert into users (username, password_hash, password_scheme) values ('zzz-late', '$2b$04$unusable', 'bcrypt')",
    );
  });
  expect(complete).toBe(true);
  const names: string[] = JSON.parse(text).result.map(({ username }: { username: string }) => username);
  expect(new Set(names).size).toBe(names.length);
  expect(names.filter((name) => !['listed5', 'listed29999', 'zzz-late'].includes(name))).toHaveLength(COUNT - 1);
});

test('cuts the connection when the token ends in the middle, so that no client takes half a list for a whole one', async () => {
  const ended = token;
  const { text, complete, status } = await take(async () => {
    await world.main.call('POST /auth/logout', { body: { token: ended } });
  });
  expect([status, complete]).toEqual([200, false]);
  expect(isJson(text)).toBe(false);
  token = await world.login('admin', 'password123');
});

test('cuts the connection when a page fails in the middle', async () => {
  const { text, complete } = await take(async () => {
    await world.app.sql('alter table users rename column last_name to surname');
  });
  await world.app.sql('alter table users rename column surname to last_name');
  expect(complete).toBe(false);
  expect(isJson(text)).toBe(false);
  expect(world.app.logs.splice(0).some(({ level }) => level === 50)).toBe(true);
});

test('answers an error of the first page in the form of the contract', async () => {
  await world.app.sql('alter table users rename column last_name to surname');
  const { status, body } = await world.main.call('GET /users', { token });
  await world.app.sql('alter table users rename column surname to last_name');
  expect([status, body]).toEqual([500, { code: 9999, message: 'Uncategorized error' }]);
  world.app.logs.splice(0);
});
