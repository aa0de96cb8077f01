import { documents, graphqlRequest, LIST, logInAsAdmin, logInMany } from '../api.mjs';
import { progress } from '../report/progress.mjs';
import { startServer } from '../server-process.mjs';
import { graphqlLogins } from './login.mjs';
import { meSpec, steady } from './token-checks.mjs';

const LONG_SECONDS = 600;
const SHORT_SECONDS = 20;
const QUICK_SECONDS = 5;
const SAMPLE_MS = 1000;
const CLIENTS = 4;

/**
 * Mixed load: checks, lists, refreshes and logins at once; what the process holds meanwhile, and
 * whether it grows.
 */
export async function run(context) {
  if (context.embedded) return measure(context);
  // of its own: the other workloads have had it answer with thousands of users at once, and what V8
  // took for that it keeps
  const { options, databaseUrl, redisUrl } = context;
  const server = await startServer({ server: options.server, databaseUrl, redisUrl, name: 'mixed load' });
  try {
    return await measure({ ...context, server });
  } finally {
    await server.stop();
  }
}

async function measure(context) {
  const { load, server, options } = context;
  const seconds = options.long ? LONG_SECONDS : options.quick ? QUICK_SECONDS : SHORT_SECONDS;
  const specs = await mixedLoad(context, seconds);
  const samples = [];
  const timer = setInterval(() => {
    samples.push(server.rssMb());
    progress(`memory under mixed load: ${samples.length} of ${seconds} s, ${Math.round(samples.at(-1))} MB`);
  }, SAMPLE_MS);
  const results = await Promise.all(specs.map((spec) => load.run({ ...spec, url: server.url })));
  clearInterval(timer);
  const sum = (of) => results.reduce((total, result) => total + of(result), 0);
  const figures = {
    requests: sum((r) => r.requests),
    perSecond: sum((r) => r.requests / r.seconds),
    wrong: sum((r) => r.wrong),
    example: results.find((r) => r.example)?.example,
  };
  const quarter = Math.max(1, Math.floor(samples.length / 4));
  const mean = (values) => values.reduce((a, b) => a + b, 0) / values.length;
  const growth = mean(samples.slice(-quarter)) / mean(samples.slice(-2 * quarter, -quarter)) - 1;
  return [
    {
      id: 'memory.load',
      name: `memory, largest in ${seconds} s of mixed load`,
      target: 220,
      atMost: true,
      unit: 'MB',
      value: Math.max(...samples),
      figures,
    },
    {
      id: 'memory.growth',
      name: 'memory, growth from the third to the last quarter',
      // a short run has not reached its level yet: only the long one is judged
      ...(options.long && { target: 5, atMost: true }),
      unit: '%',
      value: growth * 100,
    },
  ];
}

async function mixedLoad(context, seconds) {
  const { server } = context;
  const { accessToken: admin } = await logInAsAdmin(server);
  const sessions = await logInMany(server, CLIENTS, 201);
  return [
    { ...(await meSpec(context)), connections: CLIENTS },
    { ...(await steady(server, graphqlRequest(LIST, { first: 50 }, admin), { connections: 1, contains: 'bench_' })) },
    { ...graphqlLogins(context), connections: 1 },
    {
      connections: CLIENTS,
      pattern: 'chain',
      request: graphqlRequest(documents.refresh, { input: { refreshToken: 'THE_TOKEN' } }),
      placeholder: 'THE_TOKEN',
      tokens: sessions.map((set) => set.refreshToken),
      answerPath: 'data.refresh.tokens.refreshToken',
      check: { kind: 'member', path: 'data.refresh.tokens.refreshToken', length: 40 },
    },
  ].map((spec) => ({ ...spec, seconds }));
}
