import { type RestWorld, startRest } from '../../support/rest';
import { LIMIT, limitCases } from './cases/limit.cases';

let world: RestWorld;
beforeAll(async () => {
  world = await startRest({ env: { LOGIN_RATE_LIMIT: `${LIMIT}/60` } });
});
afterAll(() => world.close());

test.each(limitCases)('$route $promise ($section)', async ({ route, given, status, body, headers = {} }) => {
  const sent = await given(world, world.main);
  const answer = await world.main.call(route, sent);
  expect({ status: answer.status, body: answer.body }).toEqual({ status, body });
  expect(answer.headers.get('retry-after')).toMatch(/^\d+$/);
  for (const [name, value] of Object.entries(headers)) expect([name, answer.headers.get(name)]).toEqual([name, value]);
});

test('a limited user is let in again when the time of Retry-After is over, at both ports alike', async () => {
  const { username, password } = await world.member();
  for (let i = 0; i < LIMIT; i++)
    await world.gateway.call('POST /auth/token', { body: { username, password: 'wrong password' } });
  const refused = await world.main.call('POST /auth/token', { body: { username, password } });
  expect(refused.status).toBe(429);
  expect(Number(refused.headers.get('retry-after'))).toBeLessThanOrEqual(60);
});
