import { OptionalProps } from '@mikro-orm/core';
import { Entity, Index, ManyToOne, PrimaryKey, Property } from '@mikro-orm/decorators/legacy';
import { Session } from './session.entity';
import { User } from './user.entity';

/**
 * A refresh token of a session, by its hash. The unique parent makes one successor per token a rule
 * of the database.
 */
@Entity({ tableName: 'refresh_tokens' })
export class RefreshToken {
  [OptionalProps]?: 'createdAt';

  /** The token's `jti`. */
  @PrimaryKey({ type: 'uuid', defaultRaw: 'gen_random_uuid()' })
  id!: string;

  @Index()
  @ManyToOne({ entity: () => User, deleteRule: 'cascade', updateRule: 'cascade' })
  user!: User;

  @Index()
  @ManyToOne({ entity: () => Session, deleteRule: 'cascade', updateRule: 'cascade' })
  session!: Session;

  /** SHA-256 of the token, hexadecimal; the token itself is nowhere. */
  @Property({ type: 'text', unique: true })
  token!: string;

  @Property({ type: 'uuid', nullable: true, unique: true })
  parentId: string | null = null;

  @Property({ type: 'timestamptz', defaultRaw: 'now()' })
  createdAt!: Date;

  @Index()
  @Property({ type: 'timestamptz' })
  expiresAt!: Date;

  /** When its successor was made. */
  @Property({ type: 'timestamptz', nullable: true })
  consumedAt: Date | null = null;
}
