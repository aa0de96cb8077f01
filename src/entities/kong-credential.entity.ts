import { OptionalProps } from '@mikro-orm/core';
import { Entity, Index, PrimaryKey, Property } from '@mikro-orm/decorators/legacy';

/**
 * A jwt credential in Kong: its key, never its secret. No foreign key to users, because the row
 * outlives the account until the credential is deleted in Kong.
 */
@Entity({ tableName: 'kong_credentials' })
export class KongCredentialRecord {
  [OptionalProps]?: 'createdAt';

  @PrimaryKey({ type: 'text' })
  key!: string;

  @Index()
  @Property({ type: 'uuid' })
  userId!: string;

  @Property({ type: 'text' })
  consumer!: string;

  @Property({ type: 'text', nullable: true })
  kongId: string | null = null;

  @Property({ type: 'timestamptz', defaultRaw: 'now()' })
  createdAt!: Date;

  @Index()
  @Property({ type: 'timestamptz' })
  expiresAt!: Date;

  /** Set when the key is no longer valid; the row is deleted after the credential in Kong. */
  @Index()
  @Property({ type: 'timestamptz', nullable: true })
  revokedAt: Date | null = null;

  /** The owner's ACL groups in Kong when they were last written; null before. */
  @Property({ type: 'text[]', nullable: true })
  groups: string[] | null = null;
}
