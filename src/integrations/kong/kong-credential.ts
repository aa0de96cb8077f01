import { randomBytes } from 'node:crypto';
import type { KongAlgorithm } from './kong-algorithms';
import { KongFailureError } from './kong-errors';

interface KongCredentialFields {
  id: string;
  /** The `iss` of every token that it signs; visible in each of them, so not a secret. */
  key: string;
  algorithm: KongAlgorithm;
  consumerId: string;
  tags: string[];
  createdAt: Date;
}

/**
 * A credential of Kong's jwt plugin. The secret is a private field, so that JSON, loggers, spreads
 * and structuredClone leave it out; only signingKey() reads it.
 */
export class KongCredential implements KongCredentialFields {
  readonly id: string;
  readonly key: string;
  readonly algorithm: KongAlgorithm;
  readonly consumerId: string;
  readonly tags: string[];
  readonly createdAt: Date;
  readonly #secret: string | null;

  constructor(fields: KongCredentialFields, secret: string | null) {
    this.id = fields.id;
    this.key = fields.key;
    this.algorithm = fields.algorithm;
    this.consumerId = fields.consumerId;
    this.tags = fields.tags;
    this.createdAt = fields.createdAt;
    this.#secret = secret;
  }

  /**
   * The HMAC key for the credential's algorithm: the UTF-8 bytes of the secret, as Kong uses it
   * when `secret_is_base64` is off.
   * @throws KongFailureError when Kong holds no signing key (RS*, ES*, PS*, EdDSA, or a null
   *   secret)
   */
  signingKey(): Uint8Array {
    if (this.#secret === null || !this.algorithm.startsWith('HS')) {
      throw new KongFailureError({
        operation: 'read the signing key',
        problem: `the ${this.algorithm} credential holds no signing key`,
      });
    }
    return new TextEncoder().encode(this.#secret);
  }

  toJSON(): KongCredentialFields {
    return { ...this };
  }

  toString(): string {
    return `KongCredential(${this.key})`;
  }
}

/**
 * An unguessable key (192 bits), because a PUT under a known key takes the credential away from its
 * consumer. Never UUID-shaped, because Kong takes such a key for an id.
 */
export function newCredentialKey(): string {
  return randomBytes(24).toString('base64url');
}
