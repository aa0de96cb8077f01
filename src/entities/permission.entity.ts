import { Collection, OptionalProps } from '@mikro-orm/core';
import { Entity, ManyToMany, PrimaryKey, Property } from '@mikro-orm/decorators/legacy';
import { Role } from './role.entity';

/** A right that roles carry; its name appears as one word of a token's `scope`. */
@Entity({ tableName: 'permissions' })
export class Permission {
  [OptionalProps]?: 'createdAt';

  @PrimaryKey({ type: 'uuid', defaultRaw: 'gen_random_uuid()' })
  id!: string;

  @Property({ type: 'text', unique: true })
  name!: string;

  @Property({ type: 'text', nullable: true })
  description: string | null = null;

  @Property({ type: 'timestamptz', defaultRaw: 'now()' })
  createdAt!: Date;

  @ManyToMany({ entity: () => Role, mappedBy: (role: Role) => role.permissions })
  roles = new Collection<Role>(this);
}
