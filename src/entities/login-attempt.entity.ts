import { OptionalProps, PrimaryKeyProp } from '@mikro-orm/core';
import { Entity, Index, PrimaryKey, Property } from '@mikro-orm/decorators/legacy';

/** A login, failed or not; never the password. */
@Index({ properties: ['userId', 'at', 'id'] })
@Entity({ tableName: 'login_attempts' })
export class LoginAttempt {
  [PrimaryKeyProp]?: ['id', 'at'];
  [OptionalProps]?: 'at' | 'count';

  @PrimaryKey({ type: 'bigint', autoincrement: true })
  id!: string;

  @Index()
  @PrimaryKey({ type: 'timestamptz', defaultRaw: 'now()' })
  at!: Date;

  /** User name or e-mail as it was typed, at most 254 characters. */
  @Property({ type: 'text' })
  identifier!: string;

  @Property({ type: 'uuid', nullable: true })
  userId: string | null = null;

  @Property({ type: 'text' })
  channel!: string;

  @Property({ type: 'text', nullable: true })
  address: string | null = null;

  @Property({ type: 'text', nullable: true })
  userAgent: string | null = null;

  /** `ok`, or why it failed. */
  @Property({ type: 'text' })
  outcome!: string;

  /** How often it happened, where a flood is counted in one row. */
  @Property({ type: 'integer', default: 1 })
  count!: number;
}
