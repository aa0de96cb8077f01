import { generateKeyPairSync, randomBytes } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { type Config, StartupError } from './config';
import { prepareDataDir } from './data-dir';

export interface Secrets {
  signerKey: string;
  /** PEM blocks; undefined where no private key signs, or those in PostgreSQL do. */
  privateKeys: string | undefined;
  /** Whether this server made one of them itself. */
  development: boolean;
}

/**
 * The configured secrets. In development those that are missing are made once and kept in DATA_DIR, readable by their
 * owner alone. @throws StartupError when they can be neither read nor written
 */
export function openSecrets(config: Config): Secrets {
  const { signerKey, privateKeys, keyEncryptionKey } = config.tokens;
  const makesPrivateKey = config.strict && !privateKeys && !keyEncryptionKey;
  return {
    signerKey: signerKey ?? keepSecret(config, 'signer.key', () => randomBytes(64).toString('base64')),
    privateKeys: makesPrivateKey ? keepSecret(config, 'private-key.pem', newPrivateKey) : privateKeys,
    development: signerKey === undefined || makesPrivateKey,
  };
}

const newPrivateKey = (): string =>
  generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();

function keepSecret(config: Config, name: string, make: () => string): string {
  const file = path.join(config.dataDir, name);
  try {
    if (!fs.existsSync(file)) {
      prepareDataDir(config);
      linkNew(file, make());
    }
    return fs.readFileSync(file, 'utf8');
  } catch (cause) {
    if (cause instanceof StartupError) throw cause;
    throw new StartupError(
      `${file} can be neither read nor made: ${(cause as Error).message}. Set DATA_DIR to a folder that can be written`,
      { cause },
    );
  }
}

/** Written aside and linked into place: of two processes that start together one wins, and neither reads half a key. */
function linkNew(file: string, content: string): void {
  const draft = `${file}.${process.pid}`;
  fs.writeFileSync(draft, content, { mode: 0o600 });
  try {
    fs.linkSync(draft, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    fs.unlinkSync(draft);
  }
}
