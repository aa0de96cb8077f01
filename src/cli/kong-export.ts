import '../runtime/node-version';
import { StartupError } from '../config/config';
import { readEnvironment } from '../config/environment';
import { declarativeConfig } from '../integrations/kong/declarative-config';
import { kongPlanOptions } from './kong-setup';
import { openStandardOutput } from './standard-output';

const SECRET_HINT = 'This holds KONG_SHARED_SECRET: keep it where only you can read it.';

/** `npm run kong:export`: prints what kong:setup makes as kong.yml. */
function main(): void {
  try {
    const options = kongPlanOptions(readEnvironment());
    openStandardOutput().write(declarativeConfig(options));
    if (options.sharedSecret !== undefined) process.stderr.write(`${SECRET_HINT}\n`);
  } catch (error) {
    if (!(error instanceof StartupError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 1;
  }
}

main();
