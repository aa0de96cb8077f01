import { DisableUserDocument, LoginDocument } from '../../src/rest/generated/operations';
import { PASSWORD, startApp, type TestApp } from '../support/app';

/** High enough for one computation to be most of a login's time. */
const COST = '8';
const ROUNDS = 11;

let app: TestApp;
beforeAll(async () => {
  app = await startApp({ env: { BCRYPT_COST: COST } });
});
afterAll(() => app.close());

const median = (values: number[]): number => values.sort((a, b) => a - b)[Math.floor(values.length / 2)]!;

test('how long a refusal takes does not tell whether there is such a user, a disabled one, or what the password looked like', async () => {
  const [known, disabled] = [await app.user(), await app.user()];
  await app.data(DisableUserDocument, { input: { id: disabled.id } }, await app.admin());
  const kinds = {
    'a wrong password': { username: known.username, password: 'wrong password' },
    'an unknown user': { username: 'nobody at all', password: 'wrong password' },
    'a name that cannot be': { username: 'no\0body', password: 'wrong password' },
    'an empty password': { username: known.username, password: '' },
    'a long password': { username: known.username, password: 'x'.repeat(1000) },
    'half a surrogate': { username: known.username, password: 'wrong \ud800' },
    'a disabled user': { username: disabled.username, password: 'wrong password' },
    'a disabled user and his password': { username: disabled.username, password: PASSWORD },
  };
  const taken = new Map(Object.keys(kinds).map((kind) => [kind, [] as number[]]));
  for (let round = 0; round < ROUNDS; round++) {
    for (const [kind, input] of Object.entries(kinds)) {
      const startedAt = performance.now();
      expect(await app.outcome(LoginDocument, { input })).not.toBe('ok');
      taken.get(kind)!.push(performance.now() - startedAt);
    }
  }
  const medians = Object.fromEntries([...taken].map(([kind, values]) => [kind, median(values)]));
  const usual = medians['a wrong password']!;
  // without its computation a refusal would be several times faster
  for (const [kind, ms] of Object.entries(medians))
    expect([kind, ms / usual > 0.6, ms / usual < 1.7]).toEqual([kind, true, true]);
});
