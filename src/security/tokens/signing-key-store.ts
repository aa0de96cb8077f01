import type { SqlEntityManager } from '@mikro-orm/postgresql';
import type { Clock } from '../../config/clock';
import { insertFirstKey, listSigningKeys, replaceAllKeys, scheduleSuccessor } from '../../queries/signing-keys';
import { generateSigningKey, type KeyAlgorithm, type SigningKey, signingKeysOfPem } from './asymmetric-key';
import type { KeyEncryption } from './key-encryption';
import { keysAt, type ScheduledKey } from './key-schedule';

const DEFAULT_ALGORITHM: KeyAlgorithm = 'EdDSA';

/** Adds keys of access tokens to PostgreSQL. Each step is one statement, whose moments decide all that follows. */
export class SigningKeyStore {
  constructor(private readonly deps: { em: SqlEntityManager; encryption: KeyEncryption; clock: Clock }) {}

  /** The keys, the newest first. */
  async list(): Promise<ScheduledKey[]> {
    return keysAt(this.deps.clock.now(), await listSigningKeys.rows(this.deps.em));
  }

  /**
   * Makes the first key, which signs at once, where there is none.
   * @param pem the key that has signed so far; without it a new one is made
   * @returns whether this call has made it
   */
  async addFirst(pem?: string): Promise<boolean> {
    if ((await this.list()).length > 0) return false;
    const key = pem === undefined ? await generateSigningKey(DEFAULT_ALGORITHM) : (await signingKeysOfPem(pem))[0]!;
    const now = this.deps.clock.now();
    const added = await insertFirstKey.row(this.deps.em, { ...(await this.encrypted(key)), now, signsFrom: now });
    return added !== undefined;
  }

  /**
   * Publishes the next key.
   * @param times.wait seconds until it signs: longer than clients cache jwks.json
   * @param times.tokenLife seconds for which tokens of the key before it are accepted from then on
   * @param alg that of the key before it unless it is given
   * @returns its id, or null while another waits to sign
   */
  async rotate(times: { wait: number; tokenLife: number }, alg?: KeyAlgorithm): Promise<string | null> {
    const key = await generateSigningKey(alg ?? (await this.currentAlgorithm()));
    const now = this.deps.clock.now();
    const signsFrom = new Date(now.getTime() + times.wait * 1000);
    const retiresAt = new Date(signsFrom.getTime() + times.tokenLife * 1000);
    const values = { ...(await this.encrypted(key)), now, signsFrom, retiresAt };
    return (await scheduleSuccessor.row(this.deps.em, values))?.kid ?? null;
  }

  /**
   * Makes a key that signs at once, and rejects the tokens of all others, as after a theft.
   * @returns its id, or null when another process has added a key at this moment
   */
  async replaceAll(alg?: KeyAlgorithm): Promise<string | null> {
    const key = await generateSigningKey(alg ?? (await this.currentAlgorithm()));
    const now = this.deps.clock.now();
    const values = { ...(await this.encrypted(key)), now, signsFrom: now };
    return (await replaceAllKeys.row(this.deps.em, values))?.kid ?? null;
  }

  private async currentAlgorithm(): Promise<KeyAlgorithm> {
    const [newest] = await this.list();
    return (newest?.row.alg as KeyAlgorithm | undefined) ?? DEFAULT_ALGORITHM;
  }

  private async encrypted({ kid, alg, jwk, privateJwk }: SigningKey) {
    const encrypted = await this.deps.encryption.encrypt(kid, privateJwk);
    return { kid, alg, publicJwk: JSON.stringify(jwk), privateJwk: encrypted };
  }
}
