import { OptionalProps } from '@mikro-orm/core';
import { Entity, Index, ManyToOne, PrimaryKey, Property } from '@mikro-orm/decorators/legacy';
import { User } from './user.entity';

/** A code sent by e-mail: single use, few tries, short life, kept as a hash. */
@Entity({ tableName: 'one_time_codes' })
export class OneTimeCode {
  [OptionalProps]?: 'createdAt' | 'tries' | 'clientTries';

  @PrimaryKey({ type: 'uuid', defaultRaw: 'gen_random_uuid()' })
  id!: string;

  @Index()
  @ManyToOne({ entity: () => User, deleteRule: 'cascade', updateRule: 'cascade' })
  user!: User;

  /** `reset-password` or `verify-email`. */
  @Property({ type: 'text' })
  purpose!: string;

  /**
   * HMAC of the six digits: without the signer key a million guesses at a stolen hash say nothing.
   */
  @Property({ type: 'text' })
  codeHash!: string;

  /** SHA-256 of the link's token, which has 256 bits of its own. */
  @Property({ type: 'text', nullable: true, unique: true })
  linkHash: string | null = null;

  /** The address it was sent to: a code proves that address and no other. */
  @Property({ type: 'text' })
  email!: string;

  @Property({ type: 'integer', default: 0 })
  tries!: number;

  /** Tries by the digest of the client's network. */
  @Property({ type: 'jsonb', defaultRaw: `'{}'::jsonb` })
  clientTries!: Record<string, number>;

  @Property({ type: 'timestamptz', defaultRaw: 'now()' })
  createdAt!: Date;

  @Index()
  @Property({ type: 'timestamptz' })
  expiresAt!: Date;

  @Property({ type: 'timestamptz', nullable: true })
  consumedAt: Date | null = null;
}
