import { failed, ok, type RestWorld, startRest, userJson } from '../../support/rest';
import { bornAgo } from './cases/birth-dates';

let world: RestWorld;
beforeAll(async () => {
  world = await startRest();
});
afterAll(() => world.close());

const secondsToMidnight = (): number => {
  const now = world.app.clock.now();
  return Math.ceil((Date.UTC(now.getUTCFullYear(), now.getUTCMonth(), now.getUTCDate() + 1) - now.getTime()) / 1000);
};
const ageLow = (min: number) => failed(1008, `Your age must be at least ${min}`);

// Notes 4: whole years at the current UTC date
test('a user who turns 10 tomorrow can register when the UTC day has changed, and not a second before', async () => {
  const username = world.unique('child');
  const dob = bornAgo(world.app.clock.now(), 10, 1);
  const register = () => world.main.call('POST /users', { body: { username, password: 'password123', dob } });
  expect((await register()).body).toEqual(ageLow(10));
  world.app.clock.advance(secondsToMidnight() - 2);
  expect((await register()).body).toEqual(ageLow(10));
  world.app.clock.advance(3);
  expect((await register()).body).toEqual(ok(userJson({ username, dob })));
});

test('a user who turns 18 tomorrow can set it when the UTC day has changed, and not a second before', async () => {
  const { id, username, email } = await world.member();
  const dob = bornAgo(world.app.clock.now(), 18, 1);
  const token = async () => world.login(username);
  const update = async () =>
    world.main.call('PUT /users/:userId', { params: { userId: id }, token: await token(), body: { dob } });
  expect((await update()).body).toEqual(ageLow(18));
  world.app.clock.advance(secondsToMidnight() - 2);
  expect((await update()).body).toEqual(ageLow(18));
  world.app.clock.advance(3);
  expect((await update()).body).toEqual(ok(userJson({ username, email, dob })));
});

test('an age that was enough to register need not be enough to update', async () => {
  const username = world.unique('young');
  const dob = bornAgo(world.app.clock.now(), 12);
  const { body } = await world.main.call('POST /users', { body: { username, password: 'password123', dob } });
  const token = await world.login(username, 'password123');
  const update = (change: object) =>
    world.main.call('PUT /users/:userId', { params: { userId: body.result.id }, token, body: change });
  expect((await update({ dob })).body).toEqual(ageLow(18));
  // what is not sent is not validated
  expect((await update({ firstName: 'Ann' })).body).toEqual(ok(userJson({ username, dob, firstName: 'Ann' })));
});
