import { createHash, randomBytes } from 'node:crypto';
import { documents, graphqlRequest, logInMany } from '../api.mjs';
import { compare } from '../compare.mjs';
import { startFloor } from '../server-process.mjs';
import { withDatabase } from '../services.mjs';

const IN_FLIGHT = 16;

/** W5: each of 16 clients exchanges the refresh token that the last exchange gave it. */
export async function run(context) {
  const { load, server, databaseUrl, options } = context;
  await withDatabase(databaseUrl, (client) =>
    client.query('drop table if exists floor_tokens; create table floor_tokens (like refresh_tokens including all)'),
  );
  const floor = await startFloor('refresh.mjs', { databaseUrl }, databaseUrl);
  const tokens = {
    a: (await logInMany(server, IN_FLIGHT, 101)).map((set) => set.refreshToken),
    b: await floorTokens(databaseUrl),
  };
  const specOf = (which) => ({
    connections: IN_FLIGHT,
    seconds: options.seconds,
    pattern: 'chain',
    request: graphqlRequest(documents.refresh, { input: { refreshToken: 'THE_TOKEN' } }),
    placeholder: 'THE_TOKEN',
    tokens: tokens[which],
    answerPath: 'data.refresh.tokens.refreshToken',
    check: { kind: 'member', path: 'data.refresh.tokens.refreshToken', length: 40 },
  });
  try {
    const { a, b } = await compare(keepingChains(load), { label: 'W5 refresh', a: server, b: floor, specOf });
    return [
      {
        id: 'refresh.GraphQL',
        name: `W5 refresh with rotation, GraphQL, ${IN_FLIGHT} clients`,
        target: 0.5,
        figures: a,
        floor: b,
      },
    ];
  } finally {
    await floor.stop();
  }
}

/**
 * A chain of refresh tokens goes on where its last slice has left it: a token that is used again
 * much later ends its session.
 */
export const keepingChains = (load) => ({
  run: async (spec) => {
    const result = await load.run(spec);
    if (result.tokens) spec.tokens?.splice(0, spec.tokens.length, ...result.tokens);
    return result;
  },
});

async function floorTokens(databaseUrl) {
  const tokens = Array.from({ length: IN_FLIGHT }, () => randomBytes(32).toString('base64url'));
  await withDatabase(databaseUrl, async (client) => {
    for (const token of tokens) {
      const hash = createHash('sha256').update(token).digest('hex');
      await client.query(
        `insert into floor_tokens (id, user_id, session_id, token, expires_at)
         values (gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), $1, now() + interval '7 days')`,
        [hash],
      );
    }
  });
  return tokens;
}
