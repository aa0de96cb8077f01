import { Collection, OptionalProps } from '@mikro-orm/core';
import { Entity, ManyToMany, PrimaryKey, Property } from '@mikro-orm/decorators/legacy';
import { RolePermission } from './grants.entity';
import { Permission } from './permission.entity';
import { User } from './user.entity';

/** A named set of permissions; `ROLE_<name>` appears as one word of a token's `scope`. */
@Entity({ tableName: 'roles' })
export class Role {
  [OptionalProps]?: 'createdAt' | 'precedence';

  @PrimaryKey({ type: 'uuid', defaultRaw: 'gen_random_uuid()' })
  id!: string;

  @Property({ type: 'text', unique: true })
  name!: string;

  @Property({ type: 'text', nullable: true })
  description: string | null = null;

  /**
   * The lower comes first where one role has to speak for all of a user (the `role` claim of
   * session tokens).
   */
  @Property({ type: 'integer', default: 100 })
  precedence!: number;

  @Property({ type: 'timestamptz', defaultRaw: 'now()' })
  createdAt!: Date;

  @ManyToMany({
    entity: () => Permission,
    inversedBy: (permission: Permission) => permission.roles,
    owner: true,
    pivotEntity: () => RolePermission,
  })
  permissions = new Collection<Permission>(this);

  @ManyToMany({ entity: () => User, mappedBy: (user: User) => user.roles })
  users = new Collection<User>(this);
}
