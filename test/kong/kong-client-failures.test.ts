import { KongFailureError, KongUnreachableError } from '../../src/integrations/kong/kong-errors';
import { clientAnswered, watchedClient } from '../fakes/kong/client';
import { type FakeKong, startFakeKong } from '../fakes/kong/fake-kong';

let gateway: FakeKong;

beforeEach(async () => {
  gateway = await startFakeKong();
});

afterEach(() => gateway.stop());

describe('answers that are no use (FACTS 1)', () => {
  it.each([
    ['a 500', 500, { message: 'An unexpected error occurred' }],
    ['a redirect', 302, { message: 'elsewhere' }],
    ['401', 401, { message: 'Unauthorized' }],
    ['405', 405, { message: 'Method not allowed' }],
    ["the proxy's 404 instead of the Admin API's", 404, { message: 'no Route matched with those values' }],
    ['JSON that is not JSON', 200, '{"id":'],
    ['a list', 200, []],
    ['null', 200, 'null'],
    ['nothing', 204, ''],
    ['a consumer without id', 200, { username: 'alice', created_at: 1 }],
    ['a consumer whose id is no id', 200, { id: '../x', username: 'alice', created_at: 1 }],
  ])('are failures, never an absent consumer: %s', async (_, status, body) => {
    await expect(clientAnswered(status, body).findConsumer('alice')).rejects.toThrow(KongFailureError);
  });

  it.each([200, 404, 413, 415, 502])('are failures when they are HTML: status %i', async (status) => {
    await expect(
      clientAnswered(status, '<html>Not found</html>', 'text/html').findConsumer('alice'),
    ).rejects.toMatchObject({
      name: 'KongFailureError',
      status,
      message: 'The API gateway gave an answer that could not be used.',
    });
  });

  it('says what Kong refused, for the log and not for the client', async () => {
    const { client } = watchedClient(gateway.adminUrl);
    const error = await client.ensureConsumer('alice', { tags: ['a,b'] }).catch((e: unknown) => e);
    expect(error).toMatchObject({
      status: 400,
      operation: 'POST /consumers',
      problem: 'schema violation',
      refusal: expect.stringContaining("invalid tag 'a,b'"),
      message: 'The API gateway gave an answer that could not be used.',
      outcomeUnknown: false,
    });
  });

  it('sends a Content-Type with a body only, because an empty JSON body is refused', async () => {
    const seen: string[] = [];
    const { client } = watchedClient(gateway.adminUrl, {
      fetch: (url, init) => {
        const { 'content-type': type = 'none' } = init.headers as Record<string, string>;
        seen.push(`${init.method} ${type} ${init.body === null ? 'without' : 'with'} body`);
        return fetch(url, init);
      },
    });
    await client.ensureConsumer('alice');
    await client.deleteConsumer('alice');
    expect(seen).toEqual(['GET none without body', 'POST application/json with body', 'DELETE none without body']);
  });

  it('keeps the path of the Admin URL and sends its user and password as Basic', async () => {
    const seen: unknown[] = [];
    const { client } = watchedClient('http://kong:s%40cret@proxy.test/admin/', {
      fetch: async (url, init) => {
        seen.push(url, init.headers);
        return Response.json({ message: 'Not found' }, { status: 404 });
      },
    });
    expect(await client.findConsumer('a/b')).toBeNull();
    expect(seen).toEqual([
      'http://proxy.test/admin/consumers/a%2Fb',
      { accept: 'application/json', authorization: 'Basic a29uZzpzQGNyZXQ=' },
    ]);
  });
});

describe('PostgreSQL behind Kong (FACTS 8)', () => {
  it('is down: a missing consumer is not reported absent, and nothing is created', async () => {
    const { client } = watchedClient(gateway.adminUrl);
    gateway.stopDatabase();
    await expect(client.findConsumer('nobody')).rejects.toMatchObject({
      name: 'KongFailureError',
      status: 500,
      outcomeUnknown: false,
    });
    await expect(client.ensureConsumer('nobody')).rejects.toThrow(KongFailureError);
    await expect(client.createCredential('nobody')).rejects.toMatchObject({ status: 500, outcomeUnknown: true });
    await expect(client.deleteCredential('nobody', 'key')).rejects.toMatchObject({ status: 500, outcomeUnknown: true });
    gateway.startDatabase();
    expect(await client.findConsumer('nobody')).toBeNull();
  });

  it('hangs: the answer that comes late is not asked for twice', async () => {
    const { client } = watchedClient(gateway.adminUrl, { timeoutMs: 3000 });
    gateway.hangDatabase(1800);
    await expect(client.findConsumer('alice')).rejects.toMatchObject({ name: 'KongFailureError', status: 500 });
    expect(gateway.calls).toHaveLength(1);
  });

  it('hangs longer than the client waits: unreachable', async () => {
    const { client } = watchedClient(gateway.adminUrl, { timeoutMs: 100 });
    gateway.hangDatabase(3000);
    await expect(client.findConsumer('alice')).rejects.toMatchObject({
      name: 'KongUnreachableError',
      reason: 'timeout',
    });
  });
});

describe('Kong itself (FACTS 8)', () => {
  it('hangs: the client gives up in time', async () => {
    const { client } = watchedClient(gateway.adminUrl, { timeoutMs: 200 });
    gateway.hang();
    await expect(client.ensureConsumer('alice')).rejects.toMatchObject({
      name: 'KongUnreachableError',
      reason: 'timeout',
      message: 'The API gateway could not be reached: it did not answer in time.',
    });
  });

  it('stops in the middle of a sign-in: nothing was sent, so nothing is in doubt', async () => {
    const { client } = watchedClient(gateway.adminUrl);
    const consumer = await client.ensureConsumer('alice');
    await gateway.stop();
    const error = await client.createCredential(consumer).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(KongUnreachableError);
    await gateway.start();
    await expect(client.createCredential(consumer)).resolves.toMatchObject({ consumerId: consumer.id });
  });

  it('is not there: refused, with a message that names no address', async () => {
    const { client } = watchedClient(gateway.adminUrl);
    await gateway.stop();
    await expect(client.createCredential('alice')).rejects.toMatchObject({
      reason: 'refused',
      outcomeUnknown: false,
      message: 'The API gateway could not be reached: the connection was refused.',
    });
  });

  it('has a host name that does not exist', async () => {
    const { client } = watchedClient('http://kong.invalid:8001', { timeoutMs: 5000 });
    await expect(client.findConsumer('alice')).rejects.toMatchObject({
      name: 'KongUnreachableError',
      outcomeUnknown: false,
    });
  });

  it('reloads: GET and DELETE are tried once more after a broken connection', async () => {
    const { client, logged } = watchedClient(gateway.adminUrl);
    await client.ensureConsumer('alice');
    gateway.resetNext();
    await expect(client.findConsumer('alice')).resolves.toMatchObject({ username: 'alice' });
    gateway.resetNext();
    await client.deleteConsumer('alice');
    expect(await client.findConsumer('alice')).toBeNull();
    expect(logged()).toContain('trying once more');
  });

  it('fails once with a 5xx: GET and DELETE are tried once more, and only once', async () => {
    const { client } = watchedClient(gateway.adminUrl);
    gateway.failNext(1, 503);
    expect(await client.findConsumer('alice')).toBeNull();
    gateway.htmlError(1, 502);
    await client.deleteConsumer('alice');
    gateway.failNext(2, 500);
    gateway.calls.length = 0;
    await expect(client.findConsumer('alice')).rejects.toMatchObject({ status: 500 });
    expect(await client.findConsumer('alice')).toBeNull();
  });

  it('deletes, and its answer is lost: the second try finds nothing, which is what was wanted', async () => {
    const { client } = watchedClient(gateway.adminUrl);
    await client.ensureConsumer('alice');
    const { key } = await client.createCredential('alice');
    gateway.resetNext(1, 'after');
    await client.deleteCredential('alice', key);
    expect(gateway.database.all('jwt_secrets')).toEqual([]);
  });
});

describe('a write whose answer is lost (FACTS 8)', () => {
  const losses: [string, (gateway: FakeKong, moment: 'before' | 'after') => void][] = [
    ['a 500', (g, moment) => g.failNext(1, 500, moment)],
    ['an HTML page', (g, moment) => g.htmlError(1, 502, moment)],
    ['a broken connection', (g, moment) => g.resetNext(1, moment)],
  ];

  describe.each(losses)('%s', (_, lose) => {
    /** The failure hits the POST, not the GET before it. */
    const clientThatLoses = (moment: 'before' | 'after', path: RegExp) => {
      let armed = true;
      return watchedClient(gateway.adminUrl, {
        fetch: (url, init) => {
          if (armed && init.method === 'POST' && path.test(url)) {
            armed = false;
            lose(gateway, moment);
          }
          return fetch(url, init);
        },
      }).client;
    };

    it.each(['before', 'after'] as const)('%s the consumer was made: there is one consumer', async (moment) => {
      const consumer = await clientThatLoses(moment, /consumers$/).ensureConsumer('alice');
      expect(gateway.database.all('consumers').map(({ id }) => id)).toEqual([consumer.id]);
    });

    it.each(['before', 'after'] as const)(
      '%s the credential was made: there is one credential, and it is the one that is returned',
      async (moment) => {
        const client = clientThatLoses(moment, /jwt$/);
        const consumer = await client.ensureConsumer('alice');
        const credential = await client.createCredential(consumer);
        expect(gateway.database.all('jwt_secrets').map(({ id }) => id)).toEqual([credential.id]);
        expect(credential.signingKey()).toHaveLength(32);
      },
    );
  });

  it('and that cannot be looked up is not repeated: the caller learns that it may exist', async () => {
    const { client } = watchedClient(gateway.adminUrl);
    const consumer = await client.ensureConsumer('alice');
    gateway.calls.length = 0;
    gateway.failNext(1, 500, 'after');
    gateway.failNext(2, 500);
    await expect(client.createCredential(consumer, { key: 'known-before' })).rejects.toMatchObject({
      status: 500,
      outcomeUnknown: true,
    });
    expect(gateway.calls).toEqual([`POST /consumers/${consumer.id}/jwt`]);
    await client.deleteCredential(consumer, 'known-before');
    expect(gateway.database.all('jwt_secrets')).toEqual([]);
  });

  it('because the client gave up: one look finds the credential that Kong made meanwhile', async () => {
    const { client } = watchedClient(gateway.adminUrl, { timeoutMs: 1500 });
    const consumer = await client.ensureConsumer('alice');
    gateway.hangNext(1, 'after');
    const credential = await client.createCredential(consumer);
    expect(gateway.database.all('jwt_secrets').map(({ id }) => id)).toEqual([credential.id]);
  });

  it('because the client gave up before anything was made: it is not made behind the back of the caller', async () => {
    const { client } = watchedClient(gateway.adminUrl, { timeoutMs: 1500 });
    const consumer = await client.ensureConsumer('alice');
    gateway.hangNext(1, 'before');
    await expect(client.createCredential(consumer)).rejects.toMatchObject({ reason: 'timeout', outcomeUnknown: true });
    expect(gateway.database.all('jwt_secrets')).toEqual([]);
  });
});
