import { OptionalProps } from '@mikro-orm/core';
import { Entity, OneToOne, Property } from '@mikro-orm/decorators/legacy';
import { User } from './user.entity';

/** What the session contract shows of a person; made at the first login. */
@Entity({ tableName: 'user_profiles' })
export class UserProfile {
  [OptionalProps]?: 'createdAt' | 'updatedAt';

  @OneToOne({ entity: () => User, primary: true, owner: true, deleteRule: 'cascade', updateRule: 'cascade' })
  user!: User;

  @Property({ type: 'text', nullable: true })
  fullName: string | null = null;

  @Property({ type: 'text', nullable: true })
  phone: string | null = null;

  /** URL of a picture. */
  @Property({ type: 'text', nullable: true })
  avatar: string | null = null;

  @Property({ type: 'timestamptz', defaultRaw: 'now()' })
  createdAt!: Date;

  @Property({ type: 'timestamptz', defaultRaw: 'now()', onUpdate: () => new Date() })
  updatedAt!: Date;
}
