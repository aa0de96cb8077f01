import { Command, InvalidArgumentError, Option } from 'commander';
import { type Config, loadConfig, StartupError } from '../../config/config';
import { type KeyAlgorithm, keyAlgorithms } from '../../security/tokens/asymmetric-key';
import type { SigningKeyStore } from '../../security/tokens/signing-key-store';
import type { CommandContext } from '../account-transfer/command';
import { withKeyStore } from './open-key-store';

const DESCRIPTION = `Replaces the key of access tokens: publishes a new one in jwks.json, which signs after the wait.
Tokens of the key before it are accepted as long as they may live. All this happens by itself, on every process;
npm run keys:list shows it.`;

/** Beyond the time for which clients keep jwks.json: for slow answers and clocks that differ. */
const WAIT_MARGIN_S = 60;
/** Beyond the life of a token: as much as the times of tokens may lie off. */
const LIFE_MARGIN_S = 60;

interface RotateArguments {
  wait?: number;
  alg?: KeyAlgorithm;
  now?: boolean;
}

/** `npm run keys:rotate`. */
export function keysRotateCommand({ env, stdout }: CommandContext): Command {
  return new Command('npm run keys:rotate --')
    .usage('[options]')
    .description(DESCRIPTION)
    .option(
      '--wait <seconds>',
      `until the new key signs, more than JWKS_MAX_AGE (default: JWKS_MAX_AGE and ${WAIT_MARGIN_S})`,
      parseSeconds,
    )
    .addOption(
      new Option('--alg <algorithm>', 'of the new key (default: that of the key before it)').choices(keyAlgorithms),
    )
    .option('--now', 'after a theft: the new key signs at once, and the tokens of all others are rejected')
    .showHelpAfterError()
    .action(async (given: RotateArguments) => {
      const config = loadConfig(env);
      stdout.write(
        `${await withKeyStore(config, (store) => (given.now ? replaceAll : rotate)(store, config, given))}\n`,
      );
    });
}

function parseSeconds(text: string): number {
  if (!/^\d{1,7}$/.test(text)) throw new InvalidArgumentError('It takes a whole number of seconds.');
  return Number(text);
}

async function rotate(store: SigningKeyStore, { tokens }: Config, given: RotateArguments): Promise<string> {
  const wait = given.wait ?? tokens.jwksMaxAge + WAIT_MARGIN_S;
  if (wait <= tokens.jwksMaxAge)
    throw new StartupError(
      `--wait must be more than JWKS_MAX_AGE (${tokens.jwksMaxAge}), for which clients may keep keys`,
    );
  const life = Math.max(tokens.compatTtl, tokens.compatRefreshable, tokens.accessTtl);
  const added = await store.rotate({ wait, tokenLife: life + LIFE_MARGIN_S }, given.alg);
  const [next, former] = await store.list();
  const signs = new Date(next!.row.signs_from).toISOString();
  if (added === null) return `A rotation is under way: ${next!.row.kid} signs from ${signs}. Nothing was changed.`;
  const retires = new Date(former!.row.retires_at!).toISOString();
  return (
    `${added} is published and signs from ${signs}.\n` +
    `${former!.row.kid} signs until then; its tokens are accepted until ${retires}.`
  );
}

async function replaceAll(store: SigningKeyStore, _config: Config, { alg }: RotateArguments): Promise<string> {
  const added = await store.replaceAll(alg);
  if (added === null) return 'Another key was added at this moment, see npm run keys:list. Nothing was changed.';
  return `${added} signs from now on. The tokens of all other keys are rejected; clients refresh or log in again.`;
}
