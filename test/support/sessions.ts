import { createClient } from 'redis';
import { MeDocument, RefreshDocument } from '../../src/rest/generated/operations';
import type { TestApp, Tokens } from './app';
import { eventually } from './eventually';
import { type GraphqlClient, refused } from './graphql-client';

export const isLive = async (app: GraphqlClient, accessToken: string): Promise<boolean> =>
  (await app.outcome(MeDocument, {}, accessToken)) === 'ok';

/** The whole body of an answer to `refresh`. */
export const refresh = async (app: GraphqlClient, refreshToken: string) =>
  (await app.gql(RefreshDocument, { input: { refreshToken } })).body;

/** @throws Error when the refresh is refused */
export const refreshed = async (app: GraphqlClient, refreshToken: string): Promise<Tokens> =>
  (await app.data(RefreshDocument, { input: { refreshToken } })).refresh!.tokens as Tokens;

export const refreshRefused = refused(
  'refresh',
  'INVALID_REFRESH_TOKEN',
  'The refresh token is not valid any more; log in again',
);

type RedisClient = ReturnType<typeof createClient>;

/** Looks into a Redis as another service would. */
export async function lookInto<T>(url: string, look: (client: RedisClient) => Promise<T>): Promise<T> {
  const client = createClient({ url, socket: { reconnectStrategy: false } });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return await look(client as RedisClient);
  } finally {
    client.destroy();
  }
}

/**
 * The value that other services of the session contract read, and its remaining seconds; null when
 * there is none.
 */
export async function sessionValue(url: string, userId: string): Promise<{ text: string; ttl: number } | null> {
  return lookInto(url, async (client) => {
    const text = await client.get(`session:${userId}`);
    return text === null ? null : { text, ttl: await client.ttl(`session:${userId}`) };
  });
}

/** Runs `work` for every one of `count`, `atOnce` at a time. */
export async function inParallel(count: number, atOnce: number, work: (index: number) => Promise<void>): Promise<void> {
  let next = 0;
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      for (let index = next++; index < count; index = next++) await work(index);
    }),
  );
}

/** Waits until a server says that it has everything: Redis and the change feed too. */
export async function untilWhole(app: TestApp): Promise<void> {
  await eventually('the server is whole again', async () => {
    const { status } = (await (await fetch(`${app.origin}/health/ready`)).json()) as { status: string };
    return status === 'ok';
  });
}
