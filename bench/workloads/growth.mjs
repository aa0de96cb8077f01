import { bearer, documents, graphqlRequest, logInAsAdmin, logInMany } from '../api.mjs';
import { compare } from '../compare.mjs';
import { progress } from '../report/progress.mjs';
import { seedUsers, userName } from '../seed.mjs';
import { startServer } from '../server-process.mjs';
import { withDatabase } from '../services.mjs';
import { graphqlLogins } from './login.mjs';
import { keepingChains } from './refresh.mjs';
import { meSpec, steady } from './token-checks.mjs';

const MILLION = 1_000_000;
const PAGE = 50;
const FAR_PAGE = 1000;
/** What costs the same costs at most this share more. */
const TOLERANCE = 1.2;

const WARM_UP_SECONDS = 4;
const ROUNDS = 2;

/**
 * The same requests on a database of a thousand and on one of a million users: CPU of server and
 * database for each. Both servers are new: what one has done before shows in its figures more than
 * its users do.
 */
export async function run(context) {
  const { load, options, redisUrl, postgres, embedded } = context;
  if (!options.growth || embedded) return [];
  const databaseUrl = await postgres.create();
  progress(`growth: filling a database with ${MILLION} users`);
  const large = await startServer({ server: options.server, databaseUrl, redisUrl, name: 'a million' });
  const small = await startServer({
    server: options.server,
    databaseUrl: context.databaseUrl,
    redisUrl,
    name: 'a thousand',
  });
  try {
    await seedUsers(databaseUrl, MILLION);
    const smallContext = { ...context, server: small };
    const largeContext = { ...context, server: large, databaseUrl, users: MILLION };
    const rows = [];
    for (const [name, specsOf] of Object.entries(workloads)) {
      const specs = { a: await specsOf(largeContext, true), b: await specsOf(smallContext, false) };
      const { a, b } = await compare(keepingChains(load), {
        label: `growth: ${name}`,
        a: large,
        b: small,
        specOf: (which) => specs[which],
        rounds: ROUNDS,
        warmUp: WARM_UP_SECONDS,
      });
      const costs = (figures) => figures.cpuMs + figures.databaseCpuMs;
      rows.push({
        id: `growth.${name}`,
        name: `growth, ${name}: a million users against a thousand`,
        target: TOLERANCE,
        atMost: true,
        unit: 'x',
        value: costs(a) / costs(b),
        figures: a,
        floor: b,
      });
    }
    rows.push(await textFilter(largeContext));
    return rows;
  } finally {
    await Promise.all([large.stop(), small.stop()]);
  }
}

const workloads = {
  login: async (context) => graphqlLogins(context),
  me: async (context) => meSpec(context),
  introspect: async (context) => {
    const { accessToken: admin } = await logInAsAdmin(context.server);
    const [{ accessToken: token }] = await logInMany(context.server, 1, 4);
    return steady(context.server, graphqlRequest(documents.introspect, { input: { token } }, admin), {
      seconds: context.options.seconds,
      contains: userName(4),
    });
  },
  refresh: async ({ server, options }) => ({
    connections: 8,
    seconds: options.seconds,
    pattern: 'chain',
    request: graphqlRequest(documents.refresh, { input: { refreshToken: 'THE_TOKEN' } }),
    placeholder: 'THE_TOKEN',
    tokens: (await logInMany(server, 8, 301)).map((set) => set.refreshToken),
    answerPath: 'data.refresh.tokens.refreshToken',
    check: { kind: 'member', path: 'data.refresh.tokens.refreshToken', length: 40 },
  }),
  'first page': (context) => page(context, undefined),
  // where there are not so many, the page in the middle: a page anywhere should cost what another
  // costs
  '1,000th page': (context, isLarge) => page(context, isLarge ? (FAR_PAGE - 1) * PAGE : 500),
};

async function page({ server, options }, after) {
  const { accessToken } = await logInAsAdmin(server);
  const cursor = after === undefined ? null : await cursorOf(server, accessToken, after);
  return steady(server, graphqlRequest(documents.users, { first: PAGE, after: cursor }, accessToken), {
    seconds: options.seconds,
    connections: 4,
    contains: 'bench_',
  });
}

/** Walks to the cursor of the user of that number, in large pages, as a client would. */
async function cursorOf(server, token, number) {
  let cursor = null;
  for (let passed = 0; passed < number; ) {
    const first = Math.min(1000, number - passed);
    const query =
      'query Walk($first: Int, $after: String) { users(first: $first, after: $after) { pageInfo { endCursor } } }';
    const answer = await fetch(`${server.url}/graphql`, {
      method: 'POST',
      headers: bearer(token),
      body: JSON.stringify({ query, variables: { first, after: cursor } }),
    });
    cursor = (await answer.json()).data.users.pageInfo.endCursor;
    passed += first;
  }
  return cursor;
}

/**
 * Whether the text filter is answered from its index: the statistics of PostgreSQL say which was
 * used.
 */
async function textFilter({ server, databaseUrl }) {
  const { accessToken } = await logInAsAdmin(server);
  const scans = () =>
    withDatabase(databaseUrl, async (client) => {
      await new Promise((resolve) => setTimeout(resolve, 11_000)); // a connection that rests writes its statistics within ten seconds
      const { rows } = await client.query(
        `select idx_scan::int as scans from pg_stat_user_indexes where indexrelname = 'users_search_text_trgm'`,
      );
      return rows[0].scans;
    });
  const before = await scans();
  const startedAt = performance.now();
  const spec = await steady(
    server,
    graphqlRequest(documents.users, { first: PAGE, filter: { text: 'Bench_0765432' } }, accessToken),
    {
      seconds: 1,
      contains: 'bench_0765432',
    },
  );
  const value = performance.now() - startedAt;
  const used = (await scans()) > before;
  return {
    id: 'growth.filter',
    name: `growth, text filter over a million users, first time (${used ? 'by its index' : 'NOT by its index'})`,
    target: used ? 250 : 0,
    atMost: true,
    unit: 'ms',
    value,
    figures: { requests: 1, wrong: spec.check.body.includes('bench_0765432') ? 0 : 1 },
  };
}
