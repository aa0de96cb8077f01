import { OptionalProps } from '@mikro-orm/core';
import { Entity, Index, PrimaryKey, Property } from '@mikro-orm/decorators/legacy';

/** An invitation to register with an e-mail address and roles. */
@Entity({ tableName: 'invitations' })
export class Invitation {
  [OptionalProps]?: 'createdAt' | 'roles';

  @PrimaryKey({ type: 'uuid', defaultRaw: 'gen_random_uuid()' })
  id!: string;

  @Property({ type: 'text' })
  email!: string;

  /** Names of the roles that the new account gets. */
  @Property({ type: 'jsonb', defaultRaw: `'[]'::jsonb` })
  roles!: string[];

  /** SHA-256 of the link's token; null until the mail is sent. */
  @Property({ type: 'text', nullable: true, unique: true })
  tokenHash: string | null = null;

  @Property({ type: 'uuid', nullable: true })
  invitedBy: string | null = null;

  @Property({ type: 'timestamptz', defaultRaw: 'now()' })
  createdAt!: Date;

  @Index()
  @Property({ type: 'timestamptz' })
  expiresAt!: Date;

  @Property({ type: 'timestamptz', nullable: true })
  acceptedAt: Date | null = null;
}
