import { PrimaryKeyProp } from '@mikro-orm/core';
import { Entity, Index, ManyToOne } from '@mikro-orm/decorators/legacy';
import { Permission } from './permission.entity';
import { Role } from './role.entity';
import { User } from './user.entity';

/** A user has a role. An entity only so that the way from the role to its holders is indexed. */
@Entity({ tableName: 'user_roles' })
export class UserRole {
  [PrimaryKeyProp]?: ['user', 'role'];

  @ManyToOne({ entity: () => User, primary: true, deleteRule: 'cascade', updateRule: 'cascade' })
  user!: User;

  @Index()
  @ManyToOne({ entity: () => Role, primary: true, deleteRule: 'cascade', updateRule: 'cascade' })
  role!: Role;
}

/** A role has a permission. */
@Entity({ tableName: 'role_permissions' })
export class RolePermission {
  [PrimaryKeyProp]?: ['role', 'permission'];

  @ManyToOne({ entity: () => Role, primary: true, deleteRule: 'cascade', updateRule: 'cascade' })
  role!: Role;

  @Index()
  @ManyToOne({ entity: () => Permission, primary: true, deleteRule: 'cascade', updateRule: 'cascade' })
  permission!: Permission;
}
