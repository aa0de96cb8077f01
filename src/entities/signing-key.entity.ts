import { Entity, PrimaryKey, Property, Unique } from '@mikro-orm/decorators/legacy';

/** A key of access tokens. What it does at a moment follows from the moments in its row. */
@Entity({ tableName: 'signing_keys' })
export class SigningKeyRecord {
  /** The JWK thumbprint of its public key (RFC 7638). */
  @PrimaryKey({ type: 'text' })
  kid!: string;

  /** The key that it follows; null for the first. */
  @Unique()
  @Property({ type: 'text', nullable: true })
  replaces: string | null = null;

  @Property({ type: 'text' })
  alg!: string;

  @Property({ type: 'jsonb' })
  publicJwk!: object;

  /** Encrypted (JWE, RFC 7516); null once it does not sign any more. */
  @Property({ type: 'text', nullable: true })
  privateJwk: string | null = null;

  @Property({ type: 'timestamptz' })
  publishedAt!: Date;

  @Property({ type: 'timestamptz' })
  signsFrom!: Date;

  /** From when its tokens are rejected; null while no other key follows it. */
  @Property({ type: 'timestamptz', nullable: true })
  retiresAt: Date | null = null;
}
