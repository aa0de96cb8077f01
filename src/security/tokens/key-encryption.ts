import { CompactEncrypt, compactDecrypt, type JWK } from 'jose';

/** A private key cannot be decrypted with the key that is configured. */
export class KeyEncryptionError extends Error {
  override name = 'KeyEncryptionError';
}

/**
 * Encrypts private keys for the database: a JWE (RFC 7517 section 7) with AES-256-GCM. Its header, which holds the
 * key's id, is the associated data, so that the private key of one row decrypts in no other.
 */
export class KeyEncryption {
  /** @param key 32 bytes */
  constructor(private readonly key: Uint8Array) {}

  encrypt(kid: string, privateJwk: JWK): Promise<string> {
    return new CompactEncrypt(Buffer.from(JSON.stringify(privateJwk)))
      .setProtectedHeader({ alg: 'dir', enc: 'A256GCM', cty: 'jwk+json', kid })
      .encrypt(this.key);
  }

  /** @throws KeyEncryptionError */
  async decrypt(kid: string, jwe: string): Promise<JWK> {
    const { plaintext, protectedHeader } = await compactDecrypt(jwe, this.key, {
      keyManagementAlgorithms: ['dir'],
      contentEncryptionAlgorithms: ['A256GCM'],
    }).catch((cause: unknown) => {
      throw new KeyEncryptionError(
        `The private key ${kid} in PostgreSQL cannot be decrypted: KEY_ENCRYPTION_KEY is not the key that it was ` +
          'encrypted with, or the row was changed',
        { cause },
      );
    });
    if (protectedHeader.kid !== kid)
      throw new KeyEncryptionError(`The private key in the row of ${kid} in PostgreSQL is that of another key`);
    return JSON.parse(Buffer.from(plaintext).toString('utf8')) as JWK;
  }
}
