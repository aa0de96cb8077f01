import type { SqlEntityManager } from '@mikro-orm/postgresql';
import type { JWK } from 'jose';
import type { Clock } from '../../config/clock';
import type { ChangeFeed } from '../../database/change-feed';
import { listSigningKeys, type SigningKeyRow } from '../../queries/signing-keys';
import { type KeyAlgorithm, type PublicKey, publicKeyOf, type SigningKey, signingKeyOf } from './asymmetric-key';
import type { KeyEncryption } from './key-encryption';
import type { KeyRing, PublishedKeys } from './key-ring';
import { keysAt } from './key-schedule';

/** Without the change feed, keys are read again when they are older than this. */
const MAX_AGE_MS = 1000;

interface Loaded {
  rows: readonly SigningKeyRow[];
  /** How many changes were announced before the rows were read. */
  version: number;
  /** When the reading began, by the process's monotonic clock. */
  at: number;
}

export interface StoredKeyRingDependencies {
  em: SqlEntityManager;
  feed: Pick<ChangeFeed, 'trusted' | 'onChange' | 'caughtUp'>;
  encryption: KeyEncryption;
  clock: Clock;
}

/**
 * The keys in PostgreSQL, read again when the change feed announces a change. What each does at a moment is in
 * key-schedule.ts.
 */
export class StoredKeyRing implements KeyRing {
  private loaded: Loaded | undefined;
  private loading: Promise<Loaded> | undefined;
  private version = 0;
  /** Keys do not change, only their moments do. */
  private readonly publicKeys = new Map<string, PublicKey>();
  private readonly signingKeys = new Map<string, SigningKey>();

  constructor(private readonly deps: StoredKeyRingDependencies) {
    // announced as a change of all accounts, whose cached tokens are verified again
    deps.feed.onChange((account) => {
      if (account === '*') this.invalidate();
    });
  }

  /** @throws KeyEncryptionError when the key that signs, or will, cannot be decrypted */
  async checkEncryption(): Promise<void> {
    for (const { row, state } of await this.current())
      if (state === 'published' || state === 'signing') await this.decrypted(row);
  }

  async signingKey(): Promise<SigningKey> {
    const signing = (await this.current()).find(({ state }) => state === 'signing');
    if (!signing) throw new Error('no key in signing_keys signs at this moment');
    return this.decrypted(signing.row);
  }

  async verificationKey(kid: string): Promise<PublicKey | undefined> {
    const known = await this.accepted(kid);
    if (known) return known;
    await this.deps.feed.caughtUp(); // a token may come before the announcement of its key
    return this.accepted(kid);
  }

  /** While PostgreSQL is away, the keys that were read last. */
  async published(): Promise<PublishedKeys> {
    const loaded = await this.load().catch((error: unknown) => {
      if (!this.loaded) throw error;
      return this.loaded;
    });
    const isCurrent = this.isCurrent(loaded);
    const keys = keysAt(this.deps.clock.now(), loaded.rows).filter(({ state }) => state !== 'retired');
    return { keys: await Promise.all(keys.map(async ({ row }) => (await this.imported(row)).jwk)), isCurrent };
  }

  private async accepted(kid: string): Promise<PublicKey | undefined> {
    const key = (await this.current()).find(({ row }) => row.kid === kid);
    return key && key.state !== 'retired' ? this.imported(key.row) : undefined;
  }

  private async current() {
    const { rows } = await this.load();
    return keysAt(this.deps.clock.now(), rows);
  }

  private isCurrent({ version, at }: Loaded): boolean {
    return version === this.version && (this.deps.feed.trusted || performance.now() - at < MAX_AGE_MS);
  }

  private invalidate(): void {
    this.version++;
    this.loading = undefined; // it may have read what was before the change
  }

  /** Simultaneous calls share a statement. */
  private load(): Promise<Loaded> {
    if (this.loaded && this.isCurrent(this.loaded)) return Promise.resolve(this.loaded);
    if (this.loading) return this.loading;
    const reading = this.read().finally(() => {
      if (this.loading === reading) this.loading = undefined;
    });
    this.loading = reading;
    return reading;
  }

  private async read(): Promise<Loaded> {
    const { version } = this;
    const at = performance.now();
    const loaded = { rows: await listSigningKeys.rows(this.deps.em), version, at };
    if (version === this.version) this.loaded = loaded;
    return loaded;
  }

  private async imported(row: SigningKeyRow): Promise<PublicKey> {
    const known = this.publicKeys.get(row.kid);
    if (known) return known;
    const key = await publicKeyOf(row.public_jwk as JWK, row.alg as KeyAlgorithm);
    this.publicKeys.set(row.kid, key);
    return key;
  }

  private async decrypted({ kid, alg, private_jwk }: SigningKeyRow): Promise<SigningKey> {
    const known = this.signingKeys.get(kid);
    if (known) return known;
    if (private_jwk === null) throw new Error(`the private key ${kid} is no longer kept`);
    const key = await signingKeyOf(await this.deps.encryption.decrypt(kid, private_jwk), alg as KeyAlgorithm);
    if (key.kid !== kid) throw new Error(`the private key of ${kid} belongs to another public key`);
    this.signingKeys.set(kid, key);
    return key;
  }
}
