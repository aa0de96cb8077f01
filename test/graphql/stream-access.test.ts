import { DisableUserDocument } from '../../src/rest/generated/operations';
import { type BuiltInPermission, builtInPermissions } from '../../src/security/scopes';
import { PASSWORD, startApp, type TestApp, type TestUser } from '../support/app';
import { STREAMS } from './access-expectations';

let app: TestApp;
let rejected: Record<string, string | undefined>;
beforeAll(async () => {
  app = await startApp({ env: { ACCESS_TOKEN_TTL: '3600' } });
  const early = await app.user();
  app.clock.advance(3601);
  const disabled = await app.user();
  await app.data(DisableUserDocument, { input: { id: disabled.id } }, await app.admin());
  rejected = {
    'no token': undefined,
    garbage: 'not.a.token',
    'an expired token': early.token,
    'a token of a disabled user': disabled.token,
    'a refresh token': (await app.user()).tokens.refreshToken,
  };
});
afterAll(() => app.close());

const streams = Object.entries(STREAMS);
const restricted = streams.filter((stream): stream is [string, BuiltInPermission] => stream[1] !== 'signed-in');

/** Opens a stream and leaves it. @returns its status, and the code of its error */
async function open(name: string, token: string | undefined): Promise<[status: number, code: string | undefined]> {
  const left = new AbortController();
  const response = await fetch(`${app.origin}/graphql/stream`, {
    method: 'POST',
    signal: left.signal,
    headers: {
      accept: 'text/event-stream',
      'content-type': 'application/json',
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
    },
    body: JSON.stringify({ query: `subscription { ${name} { __typename } }` }),
  });
  try {
    if (response.status === 200) return [200, undefined];
    const { errors } = (await response.json()) as { errors: { extensions: { code: string } }[] };
    return [response.status, errors[0]?.extensions.code];
  } finally {
    left.abort();
  }
}

/** Both kinds of access tokens of a user. */
async function bearersOf({ username, token }: TestUser): Promise<string[]> {
  const response = await fetch(`${app.origin}/identity/auth/token`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ username, password: PASSWORD }),
  });
  return [token, ((await response.json()) as { result: { token: string } }).result.token];
}

test('every stream of the schema has an expectation, and there is none for what does not exist', () => {
  expect(Object.keys(app.app.schema.getSubscriptionType()!.getFields()).sort()).toEqual(Object.keys(STREAMS).sort());
});

test.each(streams)('%s is refused without a valid token', async (name) => {
  for (const [kind, token] of Object.entries(rejected))
    expect([kind, await open(name, token)]).toEqual([kind, [401, 'UNAUTHENTICATED']]);
});

test.each(restricted)('%s needs %s, whatever else the caller may do', async (name, permission) => {
  const permissions = Object.keys(builtInPermissions).filter((other) => other !== permission);
  for (const user of [await app.user(), await app.user({ permissions })])
    for (const token of await bearersOf(user)) expect(await open(name, token)).toEqual([403, 'FORBIDDEN']);
});

test.each(streams)('%s opens with a token of either kind that holds what it needs', async (name, needs) => {
  const user = await app.user(needs === 'signed-in' ? {} : { permissions: [needs] });
  for (const token of await bearersOf(user)) expect(await open(name, token)).toEqual([200, undefined]);
});
