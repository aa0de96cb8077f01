import { inspect } from 'node:util';
import { newCredentialKey } from '../../src/integrations/kong/kong-credential';
import { KongConsumerGoneError, KongFailureError, KongNameError } from '../../src/integrations/kong/kong-errors';
import { UUID_SHAPE } from '../../src/integrations/kong/kong-username';
import { clientAnswered, watchedClient } from '../fakes/kong/client';
import { type FakeKong, startFakeKong } from '../fakes/kong/fake-kong';

const UUID = '7b6f9a10-58d1-4f0a-8d7f-3a2d0c1b9e77';
const ODD_NAMES = [
  'a b',
  'plus+tag@example.com',
  'user@example.com',
  'slash/name',
  'per%cent',
  'per%2Fcent',
  'q?mark',
  'hash#name',
  'semi;colon',
  'amp&and=eq',
  'dot.name',
  '...',
  '%2e%2e',
  '.hidden',
  'żółć',
  '日本',
  '😀',
  'quote"\'',
  'a:b',
  'auth0|6512',
  'back\\slash',
  ' lead',
  'trail ',
  'tab\there',
  '~tilde',
  'x'.repeat(300),
  UUID,
  UUID.toUpperCase(),
  'true',
  'null',
  '*',
  'a,b',
  '(p)',
  "bob'; --",
  '{b}',
  'crlf\r\nX-Evil: 1',
];

let gateway: FakeKong;

beforeEach(async () => {
  gateway = await startFakeKong();
});

afterEach(() => gateway.stop());

const admin = async (method: string, path: string, body?: unknown) => {
  const response = await fetch(gateway.adminUrl + path, {
    method,
    ...(body === undefined ? {} : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
  });
  gateway.calls.pop();
  return { status: response.status, body: response.status === 204 ? undefined : await response.json() };
};

describe('consumers (FACTS 2)', () => {
  it('makes the calls of the diagram at a first sign-in: GET consumer, POST consumer, POST jwt', async () => {
    const { client } = watchedClient(gateway.adminUrl);
    const consumer = await client.ensureConsumer('alice');
    await client.createCredential(consumer);
    expect(gateway.calls).toEqual(['GET /consumers/alice', 'POST /consumers', `POST /consumers/${consumer.id}/jwt`]);
    expect(consumer).toEqual({
      id: expect.stringMatching(UUID_SHAPE),
      username: 'alice',
      customId: null,
      tags: [],
      createdAt: expect.any(Date),
    });
  });

  it('makes the calls of the diagram at a later sign-in: GET consumer, POST jwt', async () => {
    const { client } = watchedClient(gateway.adminUrl);
    const first = await client.ensureConsumer('alice', { customId: 'usr_42', tags: ['app'] });
    gateway.calls.length = 0;
    const again = await client.ensureConsumer('alice');
    await client.createCredential(again);
    expect(again).toEqual(first);
    expect(first).toMatchObject({ customId: 'usr_42', tags: ['app'] });
    expect(gateway.calls).toEqual(['GET /consumers/alice', `POST /consumers/${first.id}/jwt`]);
  });

  it('finds no consumer where Kong answers "Not found", and tells upper from lower case', async () => {
    const { client } = watchedClient(gateway.adminUrl);
    await client.ensureConsumer('alice');
    expect(await client.findConsumer('Alice')).toBeNull();
  });

  it('makes one consumer when 20 ask at once', async () => {
    const consumers = await Promise.all(
      Array.from({ length: 20 }, () => watchedClient(gateway.adminUrl).client.ensureConsumer('race')),
    );
    expect(new Set(consumers.map(({ id }) => id)).size).toBe(1);
    expect(gateway.database.all('consumers')).toHaveLength(1);
  });

  it.each(ODD_NAMES)('creates, finds, signs for and deletes %j', async (username) => {
    const { client } = watchedClient(gateway.adminUrl);
    const consumer = await client.ensureConsumer(username);
    expect(await client.ensureConsumer(username)).toEqual(consumer);
    const credential = await client.createCredential(username);
    expect(gateway.database.all('jwt_secrets')).toHaveLength(1);
    expect((await client.findCredential({ id: consumer.id }, credential.key))?.id).toBe(credential.id);
    await client.deleteConsumer(username);
    expect(gateway.database.all('consumers')).toEqual([]);
    expect(gateway.database.all('jwt_secrets')).toEqual([]);
  });

  it.each([['.'], ['..'], [''], ['nul\0x'], ['s\ud800x']])('refuses the name %j without a call', async (username) => {
    const { client } = watchedClient(gateway.adminUrl);
    await expect(client.findConsumer(username)).rejects.toThrow(KongNameError);
    await expect(client.ensureConsumer(username)).rejects.toThrow(KongNameError);
    await expect(client.createCredential(username)).rejects.toThrow(KongNameError);
    await expect(client.deleteConsumer(username)).rejects.toThrow(KongNameError);
    expect(gateway.calls).toEqual([]);
  });

  it('rejects an answer about another consumer', async () => {
    const other = { id: UUID, username: 'bob', custom_id: null, tags: null, created_at: 1, updated_at: 1 };
    await expect(clientAnswered(200, other).findConsumer('alice')).rejects.toThrow(KongFailureError);
    await expect(clientAnswered(200, { data: [], next: null }).findConsumer('alice')).rejects.toThrow(KongFailureError);
  });

  it('takes a 409 about another member for what it is: a refusal', async () => {
    const { client } = watchedClient('http://kong.test:8001', {
      fetch: async (_, { method }) =>
        method === 'GET'
          ? Response.json({ message: 'Not found' }, { status: 404 })
          : Response.json(
              { code: 5, name: 'unique constraint violation', message: 'x', fields: { custom_id: 'usr_42' } },
              { status: 409 },
            ),
    });
    await expect(client.ensureConsumer('bob')).rejects.toMatchObject({
      name: 'KongFailureError',
      status: 409,
      problem: 'unique constraint violation',
    });
  });

  it('counts a missing consumer as deleted', async () => {
    const { client } = watchedClient(gateway.adminUrl);
    await expect(client.deleteConsumer('nobody')).resolves.toBeUndefined();
  });

  it('sees that a deleted and re-created consumer is another one', async () => {
    const { client } = watchedClient(gateway.adminUrl);
    const first = await client.ensureConsumer('alice');
    await client.deleteConsumer('alice');
    expect((await client.ensureConsumer('alice')).id).not.toBe(first.id);
    await expect(client.createCredential(first)).rejects.toThrow(KongConsumerGoneError);
  });
});

describe('credentials (FACTS 3)', () => {
  it('sends an own key and the algorithm, and lets Kong make the secret', async () => {
    const bodies: unknown[] = [];
    const { client } = watchedClient(gateway.adminUrl, {
      fetch: (url, init) => {
        if (init.method === 'POST') bodies.push(JSON.parse(String(init.body)));
        return fetch(url, init);
      },
    });
    await client.ensureConsumer('alice');
    const credential = await client.createCredential('alice', { tags: ['sign-in'] });
    expect(bodies[1]).toEqual({ key: credential.key, algorithm: 'HS256', tags: ['sign-in'] });
    expect(credential.signingKey()).toHaveLength(32);
    expect(JSON.parse(JSON.stringify(credential))).toEqual({
      id: expect.stringMatching(UUID_SHAPE),
      key: credential.key,
      algorithm: 'HS256',
      consumerId: expect.stringMatching(UUID_SHAPE),
      tags: ['sign-in'],
      createdAt: credential.createdAt.toISOString(),
    });
  });

  it('makes keys that cannot be guessed, that differ, and that Kong does not take for ids', () => {
    const keys = Array.from({ length: 100 }, newCredentialKey);
    expect(new Set(keys).size).toBe(100);
    for (const key of keys) expect(key).toMatch(/^[\w-]{32}$/);
    expect(keys.filter((key) => UUID_SHAPE.test(key))).toEqual([]);
  });

  it.each(['HS256', 'HS384', 'HS512'] as const)('makes credentials for %s', async (algorithm) => {
    const { client } = watchedClient(gateway.adminUrl);
    await client.ensureConsumer('alice');
    expect((await client.createCredential('alice', { algorithm })).algorithm).toBe(algorithm);
  });

  it('adds a credential with each call, and deletes each by key or id', async () => {
    const { client } = watchedClient(gateway.adminUrl);
    await client.ensureConsumer('alice');
    const credentials = await Promise.all(Array.from({ length: 5 }, () => client.createCredential('alice')));
    const stored = gateway.database.all('jwt_secrets');
    expect(stored.map(({ key }) => key).sort()).toEqual(credentials.map(({ key }) => key).sort());
    await client.deleteCredential('alice', credentials[0]!.key);
    await client.deleteCredential('alice', credentials[1]!.id);
    expect(gateway.database.all('jwt_secrets')).toHaveLength(3);
  });

  it.each([[{ key: null }], [{ key: 'es', algorithm: 'ES256' }], [{ key: UUID }]])(
    'deletes by its id the credential %j that another client made',
    async (body) => {
      const { client } = watchedClient(gateway.adminUrl);
      const { id } = await client.ensureConsumer('alice');
      const made = await admin('POST', '/consumers/alice/jwt', body);
      expect(await client.deleteCredential({ id }, String((made.body as { id: string }).id))).toBe(true);
      expect(gateway.database.all('jwt_secrets')).toEqual([]);
    },
  );

  it("does not find, nor delete, another consumer's credential", async () => {
    const { client } = watchedClient(gateway.adminUrl);
    await client.ensureConsumer('alice');
    await client.ensureConsumer('bob');
    const { key } = await client.createCredential('bob');
    expect(await client.findCredential('alice', key)).toBeNull();
    await client.deleteCredential('alice', key);
    expect((await client.findCredential('bob', key))?.key).toBe(key);
  });

  it('counts a missing credential (a 404 here, unlike for consumers) as deleted', async () => {
    const { client } = watchedClient(gateway.adminUrl);
    await client.ensureConsumer('alice');
    await expect(client.deleteCredential('alice', 'no-such-key')).resolves.toBe(false);
    await expect(client.deleteCredential('nobody', 'no-such-key')).resolves.toBe(false);
  });

  it('says that the consumer is gone, so that sign-in can start again', async () => {
    const { client } = watchedClient(gateway.adminUrl);
    await expect(client.createCredential('nobody')).rejects.toThrow(KongConsumerGoneError);
  });

  it('refuses a key of another consumer', async () => {
    const { client } = watchedClient(gateway.adminUrl);
    await client.ensureConsumer('alice');
    await client.ensureConsumer('bob');
    const { key } = await client.createCredential('bob');
    await expect(client.createCredential('alice', { key })).rejects.toMatchObject({
      name: 'KongFailureError',
      status: 409,
    });
    expect((await client.findCredential('bob', key))?.consumerId).toBe((await client.findConsumer('bob'))?.id);
  });

  it.each([
    ['null', { key: 'k', secret: null }],
    ['unused, because the algorithm is not HMAC', { key: 'k', algorithm: 'ES256' }],
  ])('gives no signing key where the secret is %s', async (_, body) => {
    const { client } = watchedClient(gateway.adminUrl);
    await client.ensureConsumer('alice');
    await admin('POST', '/consumers/alice/jwt', body);
    const credential = await client.findCredential('alice', 'k');
    expect(() => credential?.signingKey()).toThrow(KongFailureError);
  });

  it('gives the UTF-8 bytes of the secret as signing key', async () => {
    const { client } = watchedClient(gateway.adminUrl);
    await client.ensureConsumer('alice');
    await admin('POST', '/consumers/alice/jwt', { key: 'k', secret: 'żółć' });
    expect(Buffer.from((await client.findCredential('alice', 'k'))!.signingKey()).toString('utf8')).toBe('żółć');
  });
});

describe('the secret of a credential', () => {
  it('is nowhere but in its signing key: not in JSON, inspection, text, copies, errors or logs', async () => {
    const { client, logged } = watchedClient(gateway.adminUrl);
    await client.ensureConsumer('alice');
    gateway.failNext(1, 500, 'after');
    const credential = await client.createCredential('alice');
    const secret = Buffer.from(credential.signingKey()).toString('utf8');
    const shown = [
      JSON.stringify([credential]),
      inspect([credential], { depth: 9, showHidden: true }),
      `${credential}`,
      inspect({ ...credential }),
      logged(),
    ];
    expect(logged()).toContain('KongFailureError');
    for (const text of shown) expect(text).not.toContain(secret);
  });

  it.each([
    ['a member is missing', { id: UUID, key: 'k', algorithm: 'HS256', secret: 'top-secret', created_at: 1 }],
    [
      'the algorithm is unknown',
      { id: UUID, key: 'k', algorithm: 'none', secret: 'top-secret', consumer: { id: UUID }, created_at: 1 },
    ],
    [
      'the answer is about another key',
      { id: UUID, key: 'other', algorithm: 'HS256', secret: 'top-secret', consumer: { id: UUID }, created_at: 1 },
    ],
  ])('is not in the error when %s', async (_, body) => {
    const error = await clientAnswered(200, body)
      .findCredential('alice', 'k')
      .catch((e: unknown) => e);
    expect(error).toBeInstanceOf(KongFailureError);
    expect(inspect(error, { depth: 9, showHidden: true })).not.toContain('top-secret');
  });
});
