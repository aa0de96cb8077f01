import { createClient } from 'graphql-sse';
import {
  AssignRoleDocument,
  RevokeSessionDocument,
  UpdateProfileDocument,
  UpdateUserDocument,
} from '../../src/rest/generated/operations';
import { startApp, type TestApp } from '../support/app';
import { createTestDatabase } from '../support/database';
import { eventually } from '../support/eventually';

let app: TestApp;
let other: TestApp;
beforeAll(async () => {
  const database = await createTestDatabase();
  app = await startApp({ database, env: { SEED_ROLES: 'EDITOR' } });
  other = await startApp({ database, clock: app.clock });
});

interface Opened<T> {
  events: T[];
  state: 'open' | 'ended' | 'failed';
  close(): void;
}

/** A stream as graphql-sse's own client reads it. */
function open<T>(at: TestApp, token: string, query: string): Opened<T> {
  const client = createClient({
    url: `${at.origin}/graphql/stream`,
    headers: { authorization: `Bearer ${token}` },
    retryAttempts: 0,
  });
  const opened: Opened<T> = { events: [], state: 'open', close: () => client.dispose() };
  client.subscribe<Record<string, T>>(
    { query },
    {
      next: ({ data, errors }) => {
        if (errors) opened.state = 'failed';
        for (const event of Object.values(data ?? {})) opened.events.push(event);
      },
      complete: () => {
        if (opened.state === 'open') opened.state = 'ended';
      },
      error: () => {
        opened.state = 'failed';
      },
    },
  );
  return opened;
}

const OWN = 'subscription { accountChanged { kind } }';
const watch = (at: TestApp, token: string) => open<{ kind: string }>(at, token, OWN);
/** A stream that is open hears of the change that follows. */
const isWatched = (at: TestApp, count: number) => eventually('the stream', () => at.app.liveStreams() === count);

describe('accountChanged', () => {
  test('says on every process when roles and profile of the own account change, and nothing of others', async () => {
    const [user, stranger] = [await app.user(), await app.user()];
    const streams = [watch(app, user.token), watch(other, user.token)];
    await isWatched(app, 1);
    await isWatched(other, 1);
    await app.data(UpdateUserDocument, { input: { id: stranger.id, firstName: 'Other' } }, stranger.token);
    await app.data(UpdateUserDocument, { input: { id: user.id, firstName: 'New' } }, user.token);
    for (const { events } of streams)
      await eventually('the profile', () => events.some(({ kind }) => kind === 'PROFILE_CHANGED'));
    await app.data(AssignRoleDocument, { input: { userId: user.id, role: 'EDITOR' } }, await app.admin());
    for (const { events } of streams)
      await eventually('the roles', () => events.some(({ kind }) => kind === 'ROLES_CHANGED'));
    await app.data(UpdateProfileDocument, { input: { fullName: 'Someone New' } }, user.token);
    for (const { events } of streams)
      await eventually('the shown profile', () => events.filter(({ kind }) => kind === 'PROFILE_CHANGED').length === 2);
    expect(streams.map(({ events }) => events.map(({ kind }) => kind))).toEqual(
      Array(2).fill(['PROFILE_CHANGED', 'ROLES_CHANGED', 'PROFILE_CHANGED']),
    );
    for (const stream of streams) stream.close();
    await isWatched(app, 0);
  });

  test('ends with the session, and other sessions of the account go on', async () => {
    const user = await app.user();
    const second = await app.login(user.username);
    const [first, kept] = [watch(other, user.token), watch(other, second.accessToken)];
    await isWatched(other, 2);
    await app.data(RevokeSessionDocument, { input: { id: user.tokens.sessionId! } }, second.accessToken);
    await eventually('the end', () => first.state === 'ended');
    expect(first.events).toEqual([{ kind: 'SESSION_ENDED' }]);
    expect(kept).toMatchObject({ state: 'open', events: [] });
    kept.close();
    await isWatched(other, 0);
  });

  test('is refused to the sixth stream of a session', async () => {
    const user = await app.user();
    const streams = Array.from({ length: 5 }, () => watch(app, user.token));
    await isWatched(app, 5);
    const sixth = watch(app, user.token);
    await eventually('the refusal', () => sixth.state === 'failed');
    for (const stream of streams) stream.close();
    await isWatched(app, 0);
  });
});

describe('securityEvents', () => {
  test('streams what is added on any process, to holders of READ_AUDIT_LOG alone', async () => {
    const user = await app.user();
    const stream = open<{ action: string }>(
      other,
      await app.admin(),
      'subscription { securityEvents { action targetId } }',
    );
    await eventually('an event', async () => {
      await app.user();
      return stream.events.some(({ action }) => action === 'user.created');
    });
    stream.close();
    const refused = open(app, user.token, 'subscription { securityEvents { action } }');
    await eventually('the refusal', () => refused.state === 'failed');
  });
});

describe('/graphql/stream', () => {
  const post = async (query: string, token?: string) => {
    const response = await fetch(`${app.origin}/graphql/stream`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept: 'text/event-stream',
        ...(token && { authorization: `Bearer ${token}` }),
      },
      body: JSON.stringify({ query }),
    });
    const { errors } = (await response.json()) as { errors: { extensions: { code: string } }[] };
    return [response.status, errors[0]!.extensions.code];
  };

  test('answers what it does not stream with a status and a code', async () => {
    const { token } = await app.user();
    expect(await post(OWN)).toEqual([401, 'UNAUTHENTICATED']);
    expect(await post(OWN, 'garbage')).toEqual([401, 'UNAUTHENTICATED']);
    expect(await post('subscription { securityEvents { action } }', token)).toEqual([403, 'FORBIDDEN']);
    expect(await post('{ me { id } }', token)).toEqual([400, 'BAD_REQUEST']);
    expect(await post('subscription {', token)).toEqual([400, 'GRAPHQL_PARSE_FAILED']);
    expect(await post('subscription { nothing }', token)).toEqual([400, 'GRAPHQL_VALIDATION_FAILED']);
  });

  test('is where /graphql sends subscriptions to', async () => {
    const { body } = await app.gql(OWN, {}, (await app.user()).token);
    expect(body.errors![0]).toMatchObject({
      message: 'Send subscriptions to /graphql/stream',
      extensions: { code: 'GRAPHQL_VALIDATION_FAILED' },
    });
  });

  test('a server that closes ends its streams', async () => {
    const own = await startApp();
    const stream = watch(own, (await own.user()).token);
    await isWatched(own, 1);
    await own.close();
    await eventually('the end', () => stream.state !== 'open');
    expect(stream.state).toBe('ended'); // not cut off when the time for requests under way is over
  });
});
