import { print } from 'graphql';
import { Piscina } from 'piscina';
import { DisableUserDocument, LoginDocument } from '../../src/rest/generated/operations';
import { PASSWORD, startApp, type TestApp } from '../support/app';

/**
 * How long a login takes is the hash it computes and the statements it sends; `npm run
 * drill:timing` measures the times themselves.
 */
const LONG_PASSWORD = 'a password long enough for strict';

describe.each([
  { channel: 'GraphQL', profile: 'documented', path: '/graphql' },
  { channel: 'the session contract', profile: 'documented', path: '/api/auth/login' },
  { channel: 'the identity contract', profile: 'strict', path: '/identity/auth/token' },
])('a refused login over $channel ($profile profile)', ({ profile, path }) => {
  let app: TestApp;
  let known: string;
  let disabled: string;
  beforeAll(async () => {
    app = await startApp({ env: { SECURITY_PROFILE: profile, ADMIN_PASSWORD: LONG_PASSWORD } });
    known = await newUser('known@example.org');
    disabled = await newUser('disabled@example.org');
    const id = (await app.sql<{ id: string }>('select id from users where email = $1', [disabled]))[0]!.id;
    const { accessToken } = await app.login('admin', LONG_PASSWORD);
    await app.data(DisableUserDocument, { input: { id } }, accessToken);
  });
  afterAll(() => app.close());

  async function newUser(email: string): Promise<string> {
    const CREATE = 'mutation($input: CreateUserInput!) { createUser(input: $input) { user { id } } }';
    await app.data(CREATE, { input: { username: email, email, password: LONG_PASSWORD } });
    return email;
  }

  const bodyOf = (username: string, password: string) => {
    if (path === '/graphql') return { query: print(LoginDocument), variables: { input: { username, password } } };
    return path.startsWith('/api') ? { email: username, password } : { username, password };
  };

  /** The answer to a login, with the hashes that it computed and the number of its statements. */
  async function attempt(username: string, password: string) {
    const run = jest.spyOn(Piscina.prototype, 'run');
    let answer = '';
    const statements = await app.statements.atBest(async () => {
      run.mockClear();
      const response = await fetch(app.origin + path, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(bodyOf(username, password)),
      });
      answer = `${response.status} ${await response.text()}`;
    });
    const computed = run.mock.calls.map(([{ kind, hash }]) => `${kind} at cost ${hash.split('$')[2]}`);
    run.mockRestore();
    return { answer, computed, statements: statements.length };
  }

  test.each([
    ['an unknown name', () => ['unknown@example.org', 'wrong password']],
    ['an empty password', () => [known, '']],
    ['a password of 1,000 characters', () => [known, 'x'.repeat(1000)]],
    ['a password with half a surrogate', () => [known, 'wrong \ud800']],
    ['a disabled account', () => [disabled, 'wrong password']],
  ])('%s costs what a wrong password costs, and is answered alike', async (_what, credentials) => {
    const [username, password] = credentials() as [string, string];
    const usual = await attempt(known, 'wrong password');
    expect(usual.computed).toEqual(['compare at cost 04']);
    expect(usual.answer).toMatch(/^(200|401) /);
    expect(await attempt(username, password)).toEqual(usual);
  });

  test('a name that no account can have costs the same hash, and is answered alike', async () => {
    const { statements: _fewer, ...usual } = await attempt(known, 'wrong password');
    expect(await attempt('no\0body@example.org', 'wrong password')).toMatchObject(usual);
  });

  test('a disabled account with its password costs the same, and is the only one that is told', async () => {
    const { computed, answer } = await attempt(disabled, LONG_PASSWORD);
    expect(computed).toEqual(['compare at cost 04']);
    expect(answer).toMatch(/ACCOUNT_DISABLED|1007/);
  });
});

test('a password that is right is compared once, too', async () => {
  const app = await startApp();
  const { username } = await app.user();
  const run = jest.spyOn(Piscina.prototype, 'run');
  await app.login(username, PASSWORD);
  expect(run).toHaveBeenCalledTimes(1);
  run.mockRestore();
  await app.close();
});
