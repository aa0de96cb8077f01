import { OptionalProps, PrimaryKeyProp } from '@mikro-orm/core';
import { Entity, Index, PrimaryKey, Property } from '@mikro-orm/decorators/legacy';

/** A security event: who did what to whom, when and from where. Never credentials. */
@Index({ properties: ['actorId', 'at', 'id'] })
@Entity({ tableName: 'audit_events' })
export class AuditEvent {
  [PrimaryKeyProp]?: ['id', 'at'];
  [OptionalProps]?: 'at' | 'detail' | 'count';

  @PrimaryKey({ type: 'bigint', autoincrement: true })
  id!: string;

  @Index()
  @PrimaryKey({ type: 'timestamptz', defaultRaw: 'now()' })
  at!: Date;

  @Property({ type: 'text' })
  action!: string;

  @Property({ type: 'uuid', nullable: true })
  actorId: string | null = null;

  @Property({ type: 'text', nullable: true })
  actorName: string | null = null;

  @Property({ type: 'text', nullable: true })
  targetType: string | null = null;

  /** Id of a user or session, name of a role or permission. */
  @Index()
  @Property({ type: 'text', nullable: true })
  targetId: string | null = null;

  @Property({ type: 'text', nullable: true })
  address: string | null = null;

  @Property({ type: 'text', nullable: true })
  userAgent: string | null = null;

  @Property({ type: 'jsonb', defaultRaw: `'{}'::jsonb` })
  detail!: Record<string, unknown>;

  /** How often it happened, where a flood is counted in one row. */
  @Property({ type: 'integer', default: 1 })
  count!: number;
}
