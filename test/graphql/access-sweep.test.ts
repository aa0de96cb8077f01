import { DisableUserDocument } from '../../src/rest/generated/operations';
import { type BuiltInPermission, builtInPermissions } from '../../src/security/scopes';
import { startApp, type TestApp, type TestUser } from '../support/app';
import { forbidden, refused, unauthenticated } from '../support/graphql-client';
import { minimalOperation, NOBODY, rootFields } from '../support/minimal-operation';
import { EXPECTED, type Given } from './access-expectations';

let app: TestApp;
let plain: TestUser;
let tokens: Record<'garbage' | 'expired' | 'disabled', string>;

beforeAll(async () => {
  app = await startApp({ env: { ACCESS_TOKEN_TTL: '3600' } });
  const early = await app.user();
  app.clock.advance(3601);
  plain = await app.user();
  const gone = await app.user();
  await app.data(DisableUserDocument, { input: { id: gone.id } }, await app.admin());
  tokens = { garbage: 'not.a.token', expired: early.token, disabled: gone.token };
});
afterAll(() => app.close());

const fields = () => rootFields(app.app.schema);
const ask = async (name: string, token?: string | Record<string, string>) => {
  const expected = EXPECTED[name]!;
  const given = typeof expected === 'string' ? {} : 'others' in expected ? expected.given : expected.anybody();
  const { query, variables } = minimalOperation(fields().find((f) => f.name === name)!, given);
  return (await app.gql(query, variables, token)).body;
};
const needed = (name: string): BuiltInPermission | undefined => {
  const expected = EXPECTED[name]!;
  if (typeof expected === 'object') return 'others' in expected ? expected.others : undefined;
  return expected === 'anybody' || expected === 'signed-in' || expected === 'gateway' ? undefined : expected;
};
const isOpen = (name: string) =>
  EXPECTED[name] === 'anybody' || (typeof EXPECTED[name] === 'object' && 'anybody' in EXPECTED[name]);
const names = Object.keys(EXPECTED);
const restricted = names.filter((name) => !isOpen(name) && EXPECTED[name] !== 'gateway');
const open = names.filter(isOpen);

test('every root field of the schema has an expectation, and there is none for what does not exist', () => {
  expect(
    fields()
      .map(({ name }) => name)
      .sort(),
  ).toEqual([...names].sort());
});

test.each(restricted)(
  '%s is refused without a token, with garbage, with an expired token and with one of a disabled user',
  async (name) => {
    expect(await ask(name)).toEqual({ ...unauthenticated(name, 'missing') });
    expect(await ask(name, tokens.garbage)).toEqual(unauthenticated(name, 'invalid'));
    expect(await ask(name, tokens.expired)).toEqual(unauthenticated(name, 'expired'));
    expect(await ask(name, tokens.disabled)).toEqual(unauthenticated(name, 'invalid'));
  },
);

test.each(restricted.filter(needed))(
  '%s is refused to a user without scopes, by the name of the scope',
  async (name) => {
    expect(await ask(name, plain.token)).toEqual(forbidden(name, needed(name)!));
  },
);

describe.each(Object.keys(builtInPermissions) as BuiltInPermission[])('%s', (permission) => {
  const guarded = restricted.filter((name) => needed(name) === permission);
  if (guarded.length === 0) return;
  let holder: TestUser;
  let everythingElse: TestUser;
  beforeAll(async () => {
    holder = await app.user({ permissions: [permission] });
    everythingElse = await app.user({
      permissions: Object.keys(builtInPermissions).filter((other) => other !== permission),
    });
  });

  test.each(guarded)('alone opens %s, and everything else together does not', async (name) => {
    expect(await ask(name, everythingElse.token)).toEqual(forbidden(name, permission));
    const { errors = [] } = await ask(name, holder.token);
    for (const { extensions } of errors) expect(extensions).not.toMatchObject({ code: 'FORBIDDEN', needs: permission });
  });
});

test.each(restricted.filter((name) => !needed(name)))('%s is open to any valid token', async (name) => {
  const { errors = [] } = await ask(name, plain.token);
  for (const { extensions } of errors) expect(['UNAUTHENTICATED', 'FORBIDDEN']).not.toContain(extensions?.code);
});

test.each(open)(
  '%s answers alike without a token and with any token: valid, invalid, expired or revoked',
  async (name) => {
    const toNobody = await ask(name);
    for (const { extensions } of toNobody.errors ?? [])
      expect(['UNAUTHENTICATED', 'FORBIDDEN']).not.toContain(extensions?.code);
    for (const token of [...Object.values(tokens), plain.token]) expect(await ask(name, token)).toEqual(toNobody);
    for (const authorization of ['', 'Bearer', 'Bearer ', 'Basic dXNlcjpwYXNz', 'Bearer a b', 'nonsense']) {
      expect(await ask(name, { authorization })).toEqual(toNobody);
    }
  },
);

test('kongConsumer answers that there is no gateway, whatever headers a client sends', async () => {
  const headers = { 'x-consumer-username': 'admin', 'x-consumer-id': NOBODY };
  const notConfigured = refused(
    'kongConsumer',
    'GATEWAY_NOT_CONFIGURED',
    'No Kong gateway is configured; set KONG_ADMIN_URL',
  );
  for (const caller of [undefined, plain.token, await app.admin(), headers])
    expect(await ask('kongConsumer', caller)).toEqual(notConfigured);
});

const own: Record<string, (userId: string) => Given> = {
  user: (id) => ({ id }),
  profile: (userId) => ({ userId }),
  sessions: (userId) => ({ userId }),
  loginAttempts: (userId) => ({ userId }),
  updateUser: (id) => ({ input: { id } }),
  updateProfile: (userId) => ({ input: { userId } }),
  revokeAllSessions: (userId) => ({ input: { userId } }),
};

test.each(restricted.filter((name) => typeof EXPECTED[name] === 'object'))('%s is open for oneself', async (name) => {
  const user = await app.user();
  const { query, variables } = minimalOperation(fields().find((f) => f.name === name)!, own[name]!(user.id));
  expect(await app.outcome(query, variables, user.token)).toBe('ok');
});
