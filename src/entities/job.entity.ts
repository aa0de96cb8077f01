import { OptionalProps } from '@mikro-orm/core';
import { Entity, Index, PrimaryKey, Property } from '@mikro-orm/decorators/legacy';

/** Work that outlives the request that asked for it, and the process. Never a code or a credential. */
@Entity({ tableName: 'jobs' })
@Index({ properties: ['kind', 'dueAt'] })
export class Job {
  [OptionalProps]?: 'createdAt' | 'tries' | 'payload';

  @PrimaryKey({ type: 'bigint', autoincrement: true })
  id!: string;

  @Property({ type: 'text' })
  kind!: string;

  /** Of jobs with one key there is one at a time. */
  @Property({ type: 'text', nullable: true, unique: true })
  key: string | null = null;

  @Property({ type: 'jsonb', defaultRaw: `'{}'::jsonb` })
  payload!: Record<string, unknown>;

  @Property({ type: 'integer', default: 0 })
  tries!: number;

  @Property({ type: 'timestamptz', defaultRaw: 'now()' })
  createdAt!: Date;

  /** When it is to be run; while a process runs it, when another may take it over. */
  @Property({ type: 'timestamptz' })
  dueAt!: Date;
}
