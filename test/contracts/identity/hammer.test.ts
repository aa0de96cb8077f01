import fc from 'fast-check';
import { identityErrors } from '../../../src/rest/contracts/identity/errors';
import { identityContract } from '../../../src/rest/contracts/identity/identity.contract';
import { type Member, type RestAnswer, type RestWorld, type Sent, startRest } from '../../support/rest';

const { routes } = identityContract({ strict: false });
const RUNS = 100;

let world: RestWorld;
let member: Member;
let admin: string;
beforeAll(async () => {
  world = await startRest();
  member = await world.member();
  admin = await world.admin();
});
afterAll(() => world.close());

const nasty = fc.constantFrom(
  '',
  '\0',
  '\ud800',
  '\u{FEFF}',
  '__proto__',
  "' or 1=1 --",
  '%00',
  '../..',
  '{{x}}',
  '💥',
  'ADMIN',
  'admin',
  '2000-02-30',
  'a@b',
);
const text = fc.oneof(nasty, fc.string({ unit: 'binary', maxLength: 40 }), fc.string({ maxLength: 300 }));
const value = fc.oneof(
  { weight: 4, arbitrary: text },
  { weight: 1, arbitrary: fc.array(text, { maxLength: 3 }) },
  { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 3 }) },
);
const segment = fc.oneof(nasty, text).map((raw) => encodeURIComponent(raw.toWellFormed()) || 'x');
const brokenSegment = fc.constantFrom('%', '%ZZ', '%ED%A0%80', '%C0%AF', '%FF');
const contentType = fc.constantFrom(
  'application/json',
  'text/plain',
  'application/json; charset=utf-16',
  'application/x-www-form-urlencoded',
  'x',
);
const token = fc.constantFrom('admin', 'member', 'none', 'garbage');
const garbage = fc.string({ minLength: 1, maxLength: 60 }).map((raw) => Buffer.from(raw).toString('base64url') || 'x');

/** Something of the right shape, something of the wrong one, or no JSON at all. */
function bodies(members: readonly string[]): fc.Arbitrary<Pick<Sent, 'raw' | 'body'>> {
  const shaped = fc
    .record(Object.fromEntries(members.map((name) => [name, value])), { requiredKeys: [] })
    .map((body) => ({ body }));
  const anything = fc.jsonValue().map((body) => ({ body }));
  const bytes = fc.uint8Array({ maxLength: 200 }).map((raw) => ({ raw: new Uint8Array(raw) }));
  return fc.oneof(
    { weight: 6, arbitrary: shaped },
    { weight: 1, arbitrary: anything },
    { weight: 1, arbitrary: bytes },
  );
}

function requireEnvelope({ status, body, headers }: RestAnswer): void {
  expect(status).toBeLessThan(500);
  expect(headers.get('content-type')).toBe('application/json; charset=utf-8');
  if (status === 200) {
    expect(body).toEqual({
      code: 1000,
      result: body.result,
      ...(body.message !== undefined && { message: expect.any(String) }),
    });
    expect(body.result).not.toBeUndefined();
    return;
  }
  expect(Object.values(identityErrors).some((known) => known.status === status && known.code === body.code)).toBe(true);
  expect(Object.keys(body).filter((name) => !['code', 'message', 'errors', 'result'].includes(name))).toEqual([]);
  expect(body.message).toEqual(expect.any(String));
  if (status === 401) expect(headers.get('www-authenticate')).toMatch(/^Bearer realm="identity"/);
}

test.each(routes.map((route) => [`${route.method} ${route.path}`, route] as const))(
  '%s answers in the form of the contract, whatever is sent',
  async (name, route) => {
    const names = [...name.matchAll(/:(\w+)/g)].map((match) => match[1]!);
    const params = fc.record(
      Object.fromEntries(names.map((param) => [param, fc.oneof({ weight: 5, arbitrary: segment }, brokenSegment)])),
    );
    const sent = fc.record({
      params,
      payload: route.method === 'GET' ? fc.constant({}) : bodies(Object.keys(route.body ?? {})),
      type: fc.oneof({ weight: 5, arbitrary: fc.constant('application/json') }, contentType),
      who: token,
      garbage,
      onMain: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(sent, async ({ params, payload, type, who, garbage, onMain }) => {
        const bearer = { admin, member: member.token, none: undefined, garbage }[who];
        const channel = onMain ? world.main : world.gateway;
        const headers: Record<string, string> = Object.keys(payload).length > 0 ? { 'content-type': type } : {};
        const ids = Object.fromEntries(
          Object.entries(params).map(([param, raw]) => [param, raw === 'admin' ? member.id : raw]),
        );
        requireEnvelope(await channel.call(name, { params: ids, ...payload, headers, token: bearer }));
      }),
      { numRuns: RUNS },
    );
  },
);

test('afterwards the administrator is unchanged, and users log in', async () => {
  expect((await world.main.call('GET /users/my-info', { token: admin })).body.result).toMatchObject({
    username: 'admin',
    roles: [{ name: 'ADMIN' }],
  });
  expect(await world.login((await world.member()).username)).toEqual(expect.any(String));
  expect(await world.app.sql("select 1 from users where username ~ '[\\x01-\\x1f]'")).toEqual([]);
});
