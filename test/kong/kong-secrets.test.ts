import { Client } from 'pg';
import { type FakeKong, startFakeKong } from '../fakes/kong/fake-kong';
import { behind, type ChannelResponse, eventually, KONG_SECRET, send, setUp } from '../fakes/kong/kong-world';
import { ADMIN } from '../support/app';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { ServerProcess } from '../support/processes';

/**
 * A real process that logs everything it can, through the whole diagram and through every failure
 * in which the secret of a credential is on its way: then the secrets are looked for wherever they
 * could have gone.
 */
let database: TestDatabase;
let gateway: FakeKong;
let server: ServerProcess;
const answers: string[] = [];
/** Every secret that a credential has ever had in Kong. */
const secrets = new Set<string>();

const request = async (...parameters: Parameters<typeof send>): Promise<ChannelResponse> => {
  const answer = await send(...parameters);
  answers.push(answer.text, JSON.stringify([...answer.headers]));
  return answer;
};
const note = () => {
  for (const { secret } of gateway.database.cached('jwt_secrets')) secrets.add(String(secret));
};
const signIn = async () => {
  const answer = await request(`${server.origin}/api/public/signin`, 'POST', { body: ADMIN });
  note();
  return answer;
};
const authJwt = (key: string) => request(`${gateway.proxyUrl}/auth-jwt`, 'POST', { body: { key } });

/** Every value of every table, as text. */
async function everythingIn(url: string): Promise<string> {
  const client = new Client({ connectionString: url });
  await client.connect();
  const { rows } = await client.query<{ name: string }>(
    `select format('%I.%I', table_schema, table_name) as name from information_schema.tables
     where table_type = 'BASE TABLE' and table_schema not in ('pg_catalog', 'information_schema')`,
  );
  const texts: string[] = [];
  for (const { name } of rows) {
    const { rows: content } = await client.query<{ text: string }>(`select t::text as text from ${name} t`);
    texts.push(...content.map(({ text }) => text));
  }
  await client.end();
  return texts.join('\n');
}

beforeAll(async () => {
  database = await createTestDatabase();
  gateway = await startFakeKong();
  server = await ServerProcess.start({
    ...behind(gateway),
    DATABASE_URL: database.url,
    LOG_LEVEL: 'trace',
    KONG_TIMEOUT: '400',
    KONG_MAX_CREDENTIALS: '100',
  });
  await setUp(gateway, server.origin);
  gateway.spare('DELETE');

  const key: string = (await signIn()).body.jwt_issuer_key;
  const token: string = (await authJwt(key)).body.access_token;
  await request(`${gateway.proxyUrl}/api/jwt/info`, 'GET', { token });
  await request(`${gateway.proxyUrl}/api/jwt/info`, 'GET', { token: `${token}x` });
  const graphql = (query: string, input: unknown) =>
    request(`${server.origin}/graphql`, 'POST', { body: { query, variables: { input } } });
  await graphql('mutation ($input: LoginInput!) { kongSignIn(input: $input) { key } }', ADMIN);
  await graphql('mutation ($input: KongTokenInput!) { kongToken(input: $input) { accessToken } }', { key });
  note();

  // the answer with the secret arrives late, broken, twice, unreadable, or is about something else
  gateway.passNext();
  gateway.hangNext(1, 'after');
  await signIn();
  gateway.passNext();
  gateway.resetNext(1, 'after');
  await signIn();
  gateway.passNext();
  gateway.failNext(4, 500, 'after');
  await signIn();
  gateway.clearFaults();
  for (const change of [
    { algorithm: 'ES256' },
    { algorithm: 'HS384' },
    { key: 'another-key-than-the-one-asked-for' },
  ]) {
    const fresh = (await signIn()).body.jwt_issuer_key as string;
    await send(`${gateway.adminUrl}/consumers/admin/jwt/${fresh}`, 'PATCH', { body: change });
    note();
    await authJwt(fresh);
  }
  gateway.hangNext(1, 'after');
  await authJwt(key);
  gateway.htmlError(2, 502, 'after');
  await authJwt(key);

  const login = await send(`${server.origin}/identity/auth/token`, 'POST', { body: ADMIN });
  await graphql('mutation ($input: LogoutInput!) { logout(input: $input) { ok } }', { token: login.body.result.token });
  await eventually(
    async () => {
      const { rows } = await queryRows('select key from kong_credentials where kong_id is not null');
      return rows.length;
    },
    (count) => count === 0,
  );
  await signIn();
});

const queryRows = async (text: string) => {
  const client = new Client({ connectionString: database.url });
  await client.connect();
  try {
    return await client.query<Record<string, unknown>>(text);
  } finally {
    await client.end();
  }
};

afterAll(async () => {
  await server.kill('SIGKILL');
  await gateway.stop();
  await database.drop();
});

/** Texts in which a secret would be found, whole or as its base64. */
const traces = (text: string): string[] =>
  [...secrets, KONG_SECRET].flatMap((secret) =>
    [secret, Buffer.from(secret).toString('base64').replace(/=+$/, ''), Buffer.from(secret).toString('hex')].filter(
      (form) => text.includes(form),
    ),
  );

test('there were secrets to find, and the search finds what is there', async () => {
  expect(secrets.size).toBeGreaterThanOrEqual(8);
  expect(traces(`x${[...secrets][0]}y`)).toHaveLength(1);
  const keys = (await queryRows('select key from kong_credentials')).rows.map(({ key }) => String(key));
  expect(keys.length).toBeGreaterThan(0);
  const text = await everythingIn(database.url);
  expect(text).toContain(keys[0]);
  expect(text).toContain('kong.signed-in');
});

test('no table of the database holds the secret of a credential', async () => {
  expect(traces(await everythingIn(database.url))).toEqual([]);
});

test('no line of the log holds one, also not at the level "trace", nor a password or a token', () => {
  expect(server.log.length).toBeGreaterThan(3);
  const text = server.stdout + server.stderr;
  expect(text).toContain('the answer of Kong to a write was lost');
  expect(traces(text)).toEqual([]);
  expect(text).not.toContain(ADMIN.password);
  expect(text).not.toMatch(/eyJ[\w-]+\.eyJ/);
});

test('no answer holds one, in its body or its headers', () => {
  expect(answers.length).toBeGreaterThan(20);
  expect(traces(answers.join('\n'))).toEqual([]);
});
