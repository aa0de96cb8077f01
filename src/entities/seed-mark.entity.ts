import { OptionalProps } from '@mikro-orm/core';
import { Entity, PrimaryKey, Property } from '@mikro-orm/decorators/legacy';

/** Remembers that a seed ran, so that what an administrator deletes stays deleted. */
@Entity({ tableName: 'seed_marks' })
export class SeedMark {
  [OptionalProps]?: 'doneAt';

  @PrimaryKey({ type: 'text' })
  name!: string;

  @Property({ type: 'timestamptz', defaultRaw: 'now()' })
  doneAt!: Date;
}
