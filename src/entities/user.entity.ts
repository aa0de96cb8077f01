import { Collection, OptionalProps } from '@mikro-orm/core';
import { Entity, Index, ManyToMany, PrimaryKey, Property } from '@mikro-orm/decorators/legacy';
import { UserRole } from './grants.entity';
import { Role } from './role.entity';

const sortIndex = (name: string, key: string) => ({
  name,
  expression: `create index "${name}" on "users" (${key}, "id")`,
});

/**
 * An account. What identifies it is `id`, and for tokens of the identity contract the user name,
 * which never changes.
 */
@Index(sortIndex('users_email_sort_index', `(coalesce("email_key", ''))`))
@Index(sortIndex('users_created_at_sort_index', '"created_at"'))
@Index(sortIndex('users_last_login_at_sort_index', `(coalesce("last_login_at", '-infinity'::timestamptz))`))
@Entity({ tableName: 'users' })
export class User {
  [OptionalProps]?:
    | 'usernameKey'
    | 'emailKey'
    | 'isActive'
    | 'isVerified'
    | 'tokenVersion'
    | 'createdAt'
    | 'updatedAt'
    | 'searchText';

  @PrimaryKey({ type: 'uuid', defaultRaw: 'gen_random_uuid()' })
  id!: string;

  @Property({ type: 'text' })
  username!: string;

  /** The name as it is compared: folded by the database, so that no two writers can disagree. */
  @Property({ type: 'text', unique: true, generated: `(lower(username collate "und-x-icu") collate "C") stored` })
  usernameKey!: string;

  @Property({ type: 'text', nullable: true })
  email: string | null = null;

  @Property({
    type: 'text',
    nullable: true,
    unique: true,
    generated: `(lower(email collate "und-x-icu") collate "C") stored`,
  })
  emailKey!: string | null;

  /** bcrypt's own format, always; how the password was prepared for it is in `passwordScheme`. */
  @Property({ type: 'text', hidden: true, lazy: true })
  passwordHash!: string;

  @Property({ type: 'text', hidden: true, lazy: true })
  passwordScheme!: string;

  @Property({ type: 'text', nullable: true })
  firstName: string | null = null;

  @Property({ type: 'text', nullable: true })
  lastName: string | null = null;

  @Property({ type: 'text', nullable: true })
  phone: string | null = null;

  /** Calendar date, YYYY-MM-DD. */
  @Property({ type: 'date', nullable: true })
  dob: string | null = null;

  @Property({ type: 'boolean', default: true })
  isActive!: boolean;

  @Property({ type: 'boolean', default: false })
  isVerified!: boolean;

  /**
   * Raised when every token of the account must die (password changed, disabled); own compat tokens
   * carry it as `ver`.
   */
  @Property({ type: 'integer', default: 1 })
  tokenVersion!: number;

  /** Compat tokens of another service, which carry no `ver`, must be issued after this. */
  @Property({ type: 'timestamptz', nullable: true })
  tokensValidAfter: Date | null = null;

  /**
   * The deny-list key of the one compat token that outlives the last password change, because it
   * made it.
   */
  @Property({ type: 'text', nullable: true, hidden: true })
  exemptTokenKey: string | null = null;

  /** The account's beginning; for an imported account that of the service it comes from. */
  @Property({ type: 'timestamptz', defaultRaw: 'now()' })
  createdAt!: Date;

  @Property({ type: 'timestamptz', defaultRaw: 'now()', onUpdate: () => new Date() })
  updatedAt!: Date;

  @Property({ type: 'timestamptz', nullable: true })
  lastLoginAt: Date | null = null;

  /** What the text filter of `users` looks in; found through a trigram index. */
  @Index({
    name: 'users_search_text_trgm',
    expression: 'create index "users_search_text_trgm" on "users" using gin ("search_text" gin_trgm_ops)',
  })
  @Property({
    type: 'text',
    hidden: true,
    lazy: true,
    generated:
      "(lower((username || ' ' || coalesce(email, '') || ' ' || coalesce(first_name, '') || ' ' || " +
      `coalesce(last_name, '')) collate "und-x-icu")) stored`,
  })
  searchText!: string;

  @ManyToMany({ entity: () => Role, inversedBy: (role: Role) => role.users, owner: true, pivotEntity: () => UserRole })
  roles = new Collection<Role>(this);
}
