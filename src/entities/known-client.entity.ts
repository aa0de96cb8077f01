import { OptionalProps, PrimaryKeyProp } from '@mikro-orm/core';
import { Entity, Index, ManyToOne, PrimaryKey, Property } from '@mikro-orm/decorators/legacy';
import { User } from './user.entity';

/** A network that an account has logged in from. */
@Entity({ tableName: 'known_clients' })
export class KnownClient {
  [PrimaryKeyProp]?: ['user', 'network'];
  [OptionalProps]?: 'lastUsedAt';

  @ManyToOne({ entity: () => User, primary: true, deleteRule: 'cascade', updateRule: 'cascade' })
  user!: User;

  /** An IPv4 address, or the /64 of an IPv6 address. */
  @PrimaryKey({ type: 'text' })
  network!: string;

  @Index()
  @Property({ type: 'timestamptz', defaultRaw: 'now()' })
  lastUsedAt!: Date;
}
