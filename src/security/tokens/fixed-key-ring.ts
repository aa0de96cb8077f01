import { type PublicKey, type SigningKey, signingKeysOfPem } from './asymmetric-key';
import type { KeyRing, PublishedKeys } from './key-ring';

/** The keys of JWT_PRIVATE_KEY: the first signs, all verify. */
export class FixedKeyRing implements KeyRing {
  private constructor(private readonly keys: readonly [SigningKey, ...SigningKey[]]) {}

  static async open(pem: string): Promise<FixedKeyRing> {
    return new FixedKeyRing((await signingKeysOfPem(pem)) as [SigningKey, ...SigningKey[]]);
  }

  async signingKey(): Promise<SigningKey> {
    return this.keys[0];
  }

  async verificationKey(kid: string): Promise<PublicKey | undefined> {
    return this.keys.find((key) => key.kid === kid);
  }

  async published(): Promise<PublishedKeys> {
    return { keys: this.keys.map(({ jwk }) => jwk), isCurrent: true };
  }
}
