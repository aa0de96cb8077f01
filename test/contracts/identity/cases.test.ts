import { type RestWorld, startRest } from '../../support/rest';
import { caseTables } from './cases';

describe.each(['main', 'gateway'] as const)('the identity contract on the %s port', (port) => {
  let world: RestWorld;
  beforeAll(async () => {
    world = await startRest();
  });
  afterAll(() => world.close());

  describe.each(Object.entries(caseTables))('%s', (_table, cases) => {
    test.each(cases)('$route $promise ($section)', async ({ route, given, status, body, headers = {}, after }) => {
      const channel = world[port];
      const sent = await given(world, channel);
      const answer = await channel.call(route, sent);
      expect({ status: answer.status, body: answer.body }).toEqual({
        status,
        body: typeof body === 'function' ? body(sent) : body,
      });
      expect(answer.headers.get('content-type')).toBe('application/json; charset=utf-8');
      expect(answer.headers.get('cache-control')).toBe('no-store');
      for (const [name, value] of Object.entries(headers))
        expect([name, answer.headers.get(name)]).toEqual([name, value]);
      await after?.(world, answer, sent, channel);
    });
  });
});
