import { ChangePasswordDocument, LoginDocument } from '../../src/rest/generated/operations';
import { ADMIN, PASSWORD, startApp, type TestApp } from '../support/app';
import { rejected } from '../support/graphql-client';

let app: TestApp;
beforeAll(async () => {
  app = await startApp({ env: { LOGIN_RATE_LIMIT: '5/60', TRUST_PROXY: '1' } });
});
afterAll(() => app.close());

/** As if the request came from that address, through the one proxy that is trusted. */
const from = (address: string) => ({ 'x-forwarded-for': address });
const attempt = async (username: string, password: string, address: string) => {
  const { body } = await app.gql(LoginDocument, { input: { username, password } }, from(address));
  return body.errors?.[0]?.extensions?.code ?? 'ok';
};
const times = async (count: number, work: () => Promise<string>) => {
  const outcomes: string[] = [];
  for (let i = 0; i < count; i++) outcomes.push(await work());
  return outcomes;
};
const WRONG = 'INVALID_CREDENTIALS';

test('the sixth failure within a minute is refused unchecked, with the waiting time', async () => {
  const { username } = await app.user();
  const begun = Date.now();
  expect(await times(5, () => attempt(username, 'wrong', '198.51.100.1'))).toEqual(Array(5).fill(WRONG));
  const { status, body } = await app.gql(
    LoginDocument,
    { input: { username, password: PASSWORD } },
    from('198.51.100.1'),
  );
  const { retryAfter } = body.errors![0]!.extensions as { retryAfter: number };
  expect(retryAfter).toBeGreaterThanOrEqual(59 - (Date.now() - begun) / 1000);
  expect(retryAfter).toBeLessThanOrEqual(60);
  expect({ status, body }).toEqual({
    status: 200,
    body: {
      data: { login: null },
      errors: [
        {
          message: `Too many attempts; try again in ${retryAfter} s`,
          path: ['login'],
          extensions: { code: 'RATE_LIMITED', retryAfter },
        },
      ],
    },
  });
});

test('another user, and the same user from another address, are not limited', async () => {
  const { username } = await app.user();
  await times(6, () => attempt(username, 'wrong', '198.51.100.2'));
  expect(await attempt(username, PASSWORD, '198.51.100.3')).toBe('ok');
  expect(await attempt(ADMIN.username, ADMIN.password, '198.51.100.2')).toBe('ok');
});

test('a success forgives the failures before it', async () => {
  const { username } = await app.user();
  for (let round = 0; round < 3; round++) {
    expect(await times(4, () => attempt(username, 'wrong', '198.51.100.4'))).toEqual(Array(4).fill(WRONG));
    expect(await attempt(username, PASSWORD, '198.51.100.4')).toBe('ok');
  }
});

test('a hundred logins in a row are no attack', async () => {
  const { username } = await app.user();
  expect(await times(100, () => attempt(username, PASSWORD, '198.51.100.5'))).toEqual(Array(100).fill('ok'));
});

test('user name, e-mail address and other cases of them share one counter', async () => {
  const { username } = await app.user({ username: 'Dora', email: 'dora@example.org' });
  const names = ['Dora', 'dora', 'DORA', 'dora@example.org', 'DORA@EXAMPLE.ORG'];
  for (const name of names) expect(await attempt(name, 'wrong', '198.51.100.6')).toBe(WRONG);
  expect(await attempt(username, PASSWORD, '198.51.100.6')).toBe('RATE_LIMITED');
});

test('unknown names are counted like known ones, so that the limit reveals nothing', async () => {
  expect(await times(6, () => attempt('nobody', 'wrong', '198.51.100.7'))).toEqual([
    ...Array(5).fill(WRONG),
    'RATE_LIMITED',
  ]);
});

test.each([
  ['at once', (one: () => Promise<string>) => Promise.all(Array.from({ length: 50 }, one))],
  ['one after the other', (one: () => Promise<string>) => times(50, one)],
])('of 50 guesses %s at most 5 are looked at', async (how, make) => {
  const { username } = await app.user();
  const outcomes = await make(() => attempt(username, 'wrong', how === 'at once' ? '198.51.100.8' : '198.51.100.9'));
  expect(outcomes.filter((outcome) => outcome === WRONG)).toHaveLength(5);
  expect(outcomes.filter((outcome) => outcome === 'RATE_LIMITED')).toHaveLength(45);
});

test.each([
  ['of one field', (i: number) => `a${i}: login(input: { username: $u, password: "guess ${i}" }) { user { id } }`],
  [
    'in fragments',
    (i: number) => `... on Mutation { a${i}: login(input: { username: $u, password: "guess ${i}" }) { user { id } } }`,
  ],
])('aliases %s are as many attempts; 50 of them are not even started', async (_what, field) => {
  const { username } = await app.user();
  const document = (count: number) =>
    `mutation($u: String!) { ${Array.from({ length: count }, (_, i) => field(i)).join('\n')} }`;
  const fifty = await app.gql(document(50), { u: username }, from('198.51.100.10'));
  expect({ status: fifty.status, body: fifty.body }).toEqual({
    status: 400,
    body: rejected('QUERY_TOO_COMPLEX', 'The operation has more than 20 root fields'),
  });
  const { body } = await app.gql(document(20), { u: username }, from('198.51.100.10'));
  const codes = body.errors!.map(({ extensions }) => extensions!.code);
  expect(codes.filter((code) => code === WRONG)).toHaveLength(5);
  expect(codes.filter((code) => code === 'RATE_LIMITED')).toHaveLength(15);
});

test('guesses at the current password are counted with the logins', async () => {
  const { username, token } = await app.user();
  const guess = () =>
    app.outcome(ChangePasswordDocument, { input: { currentPassword: 'wrong', newPassword: 'long enough' } }, token);
  expect(await times(6, guess)).toEqual([...Array(5).fill(WRONG), 'RATE_LIMITED']);
  expect(await app.outcome(LoginDocument, { input: { username, password: PASSWORD } })).toBe('RATE_LIMITED');
});

test('one address gets a hundred guesses at different names, not more', async () => {
  let n = 0;
  const outcomes = await times(105, () => attempt(`name${n++}`, 'wrong', '198.51.100.11'));
  expect(outcomes).toEqual([...Array(100).fill(WRONG), ...Array(5).fill('RATE_LIMITED')]);
});

test('a /64 of IPv6 counts as one address', async () => {
  const { username } = await app.user();
  let host = 0;
  expect(await times(6, () => attempt(username, 'wrong', `2001:db8:1:2::${++host}`))).toEqual([
    ...Array(5).fill(WRONG),
    'RATE_LIMITED',
  ]);
  expect(await attempt(username, PASSWORD, '2001:db8:1:3::1')).toBe('ok');
});

describe('wrong passwords for one account from many clients', () => {
  const hammer = (username: string, count: number) => {
    let i = 0;
    return times(count, () => attempt(username, 'wrong', `192.0.2.${i++}`));
  };

  test('leave each client that is new to the account one attempt a minute', async () => {
    const { username } = await app.user();
    expect(await hammer(username, 60)).toEqual(Array(60).fill(WRONG));
    expect(await attempt(username, 'wrong', '192.0.2.200')).toBe(WRONG);
    const { body } = await app.gql(LoginDocument, { input: { username, password: PASSWORD } }, from('192.0.2.200'));
    expect(body.errors![0]!.extensions).toMatchObject({ code: 'RATE_LIMITED', retryAfter: expect.any(Number) });
    expect(body.errors![0]!.extensions!.retryAfter).toBeLessThanOrEqual(60);
  });

  test('never refuse the right password from a network that the account has used', async () => {
    const { username } = await app.user();
    expect(await attempt(username, PASSWORD, '203.0.113.1')).toBe('ok');
    await hammer(username, 60);
    expect(await attempt(username, 'mistyped', '203.0.113.1')).toBe(WRONG);
    expect(await attempt(username, PASSWORD, '203.0.113.1')).toBe('ok');
  });

  test('nor from a new one, at its first attempt', async () => {
    const { username } = await app.user();
    await hammer(username, 60);
    expect(await attempt(username, PASSWORD, '203.0.113.2')).toBe('ok');
  });

  test('nor where other accounts are attacked from the same network', async () => {
    const { username } = await app.user();
    expect(await attempt(username, PASSWORD, '203.0.113.3')).toBe('ok');
    let i = 0;
    const outcomes = await times(105, () => attempt(`nobody${i++}`, 'wrong', '203.0.113.3'));
    expect(outcomes.at(-1)).toBe('RATE_LIMITED');
    expect(await attempt(username, PASSWORD, '203.0.113.3')).toBe('ok');
  });

  test('nor from a device that shows a token of an earlier session, wherever it is', async () => {
    const { username, tokens } = await app.user();
    await hammer(username, 60);
    await times(5, () => attempt(username, 'wrong', '203.0.113.4'));
    expect(await attempt(username, PASSWORD, '203.0.113.4')).toBe('RATE_LIMITED');
    const login = (previousToken: string) =>
      app.gql(LoginDocument, { input: { username, password: PASSWORD, previousToken } }, from('203.0.113.4'));
    const stranger = await app.user();
    expect((await login(stranger.tokens.refreshToken)).body.errors?.[0]?.extensions?.code).toBe('RATE_LIMITED');
    expect((await login(tokens.refreshToken)).body.errors).toBeUndefined();
  });

  test('are not counted under a name that looks like a key', async () => {
    const { id, username } = await app.user();
    expect(await attempt(username, PASSWORD, '203.0.113.5')).toBe('ok');
    for (const name of [`${id}\nknown`, `${id}\n203.0.113.5`, id, `["user","${id}"]`])
      await times(30, () => attempt(name, 'wrong', '203.0.113.5'));
    expect(await attempt(username, PASSWORD, '203.0.113.5')).toBe('ok');
  });

  test('the networks of an account outlive a restart, and go with it and after 180 days', async () => {
    const { id, username } = await app.user();
    await attempt(username, PASSWORD, '2001:db8:7:7::1');
    const known = () => app.sql('select network from known_clients where user_id = $1 order by network', [id]);
    expect(await known()).toEqual([{ network: '127.0.0.1' }, { network: '2001:db8:7:7' }]);
    await app.sql(`update known_clients set last_used_at = now() - interval '181 days' where network = '127.0.0.1'`);
    await app.app.cleanUp.run();
    expect(await known()).toEqual([{ network: '2001:db8:7:7' }]);
    await app.sql('delete from users where id = $1', [id]);
    expect(await known()).toEqual([]);
  });
});

test('a client behind one trusted proxy cannot choose its address', async () => {
  const { username } = await app.user();
  let i = 0;
  const outcomes = await times(6, () => attempt(username, 'wrong', `203.0.113.${100 + i++}, 198.51.100.13`));
  expect(outcomes).toEqual([...Array(5).fill(WRONG), 'RATE_LIMITED']);
  const [row] = await app.sql("select distinct address from login_attempts where identifier = $1 and outcome <> 'ok'", [
    username,
  ]);
  expect(row).toEqual({ address: '198.51.100.13' });
});

test('without a trusted proxy the header of a client moves no counter', async () => {
  const direct = await startApp({ env: { LOGIN_RATE_LIMIT: '5/60' } });
  const outcomes: unknown[] = [];
  for (let i = 0; i < 6; i++) {
    const headers = {
      'x-forwarded-for': `198.51.100.${i}`,
      forwarded: `for=198.51.100.${i}`,
      'x-real-ip': `198.51.100.${i}`,
    };
    const { body } = await direct.gql(LoginDocument, { input: { username: 'admin', password: 'wrong' } }, headers);
    outcomes.push(body.errors?.[0]?.extensions?.code);
  }
  await direct.close();
  expect(outcomes).toEqual([...Array(5).fill(WRONG), 'RATE_LIMITED']);
});
