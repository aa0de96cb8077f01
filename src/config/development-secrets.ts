import { generateKeyPairSync, randomBytes } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { type Config, StartupError } from './config';

export interface Secrets {
  signerKey: string;
  privateKey: string | undefined;
  /** Whether any of them was made by this server instead of configured. */
  development: boolean;
}

/**
 * The configured secrets; in development those that are missing are made once and kept in DATA_DIR,
 * readable by their owner alone.
 * @throws StartupError when they can be neither read nor written
 */
export function openSecrets(config: Config): Secrets {
  const { signerKey, privateKey } = config.tokens;
  return {
    signerKey: signerKey ?? keep(config, 'signer.key', () => randomBytes(64).toString('base64')),
    privateKey: config.strict ? (privateKey ?? keep(config, 'private-key.pem', newPrivateKey)) : undefined,
    development: signerKey === undefined || (config.strict && privateKey === undefined),
  };
}

const newPrivateKey = (): string =>
  generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();

function keep(config: Config, name: string, make: () => string): string {
  const file = path.join(config.dataDir, name);
  try {
    fs.mkdirSync(config.dataDir, { recursive: true });
    try {
      // written aside and linked into place: of two processes that start together one wins, and
      // nobody reads half a key
      const draft = `${file}.${process.pid}`;
      fs.writeFileSync(draft, make(), { mode: 0o600, flag: 'w' });
      try {
        fs.linkSync(draft, file);
      } finally {
        fs.unlinkSync(draft);
      }
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    return fs.readFileSync(file, 'utf8');
  } catch (cause) {
    throw new StartupError(
      `${file} can be neither read nor made: ${(cause as Error).message}. Set DATA_DIR to a folder that can be written`,
      { cause },
    );
  }
}
