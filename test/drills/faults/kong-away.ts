import { KongSignInDocument } from '../../../src/rest/generated/operations';
import { ADMIN } from '../../support/environment';
import { eventually } from '../../support/eventually';
import type { Stage } from '../stage/stage';
import type { Fault } from './fault';

const signIn = async ({ servers: [server] }: Stage): Promise<string> =>
  server!.outcome(KongSignInDocument, { input: ADMIN });

/** Sign-in through Kong is unavailable, and nothing else is touched. */
const away = (name: string, inflict: (stage: Stage) => unknown, mend: (stage: Stage) => unknown): Fault => ({
  name,
  meanwhile: 'works',
  boundMs: 3000,
  inflict: async (stage) => {
    await inflict(stage);
    const outcome = await signIn(stage);
    if (outcome !== 'GATEWAY_UNREACHABLE') throw new Error(`a sign-in through Kong gets ${outcome}`);
  },
  mend,
  untilBack: (stage) => eventually('a sign-in through Kong', async () => (await signIn(stage)) === 'ok'),
});

export const kongStopped = away(
  'Kong stopped',
  ({ kong }) => kong.stop(),
  ({ kong }) => kong.start(),
);

export const kongHung = away(
  'Kong hung',
  ({ kong }) => kong.hang(),
  ({ kong }) => kong.resume(),
);
