import fc from 'fast-check';
import { redisServerMissing } from '../support/redis-server';
import { commandArbitraries } from './model/commands';
import { Servers } from './model/servers';
import { TokenModel } from './model/token-model';

/** The same interleavings in every run, unless MODEL_SEED says otherwise: a number, or `random`. */
const SEED = process.env.MODEL_SEED === 'random' ? Date.now() % 2 ** 31 : Number(process.env.MODEL_SEED ?? 20_261_121);
const SECONDS = Number(process.env.MODEL_SECONDS ?? 12);
/** At least so many, on a machine of any speed. */
const RUNS = 15;

let servers: Servers;
beforeAll(async () => {
  servers = await Servers.start(redisServerMissing() === undefined);
});
afterAll(() => servers.close());

test('whatever happens to sessions and tokens, on whichever of two servers: none that has ended is accepted, none that lives is refused', async () => {
  let runs = 0;
  let done = 0;
  const setUp = async () => {
    const model = new TokenModel(() => servers.clock.now().getTime());
    await servers.store('start');
    for (let i = 0; i < 2; i++) await servers.addUser(model);
    return { model, real: servers };
  };
  const lifeOfTokens = fc.asyncProperty(
    fc.commands(commandArbitraries, { maxCommands: 60, size: 'max' }),
    async (commands) => {
      const { model, real } = await setUp();
      await fc.asyncModelRun(() => ({ model, real }), commands);
      for (const token of model.accessTokens) for (const index of [0, 1]) await real.check(index, token, model);
      runs++;
      done += [...commands].length;
    },
  );
  const deadline = performance.now() + SECONDS * 1000;
  try {
    for (let seed = SEED; performance.now() < deadline || runs < RUNS; seed++)
      await fc.assert(lifeOfTokens, { seed, numRuns: 5 });
  } finally {
    const figures = `${runs} runs, ${done} commands, ${servers.checks} tokens shown, an ended one accepted ${servers.longestDelay.toFixed(1)} ms after at the latest`;
    process.stdout.write(`token life: seed ${SEED}: ${figures}\n`);
  }
});
