import { OptionalProps } from '@mikro-orm/core';
import { Entity, Index, PrimaryKey, Property } from '@mikro-orm/decorators/legacy';

/** The deny list of compat tokens: refreshed, or logged out without a session. */
@Entity({ tableName: 'revoked_tokens' })
export class RevokedToken {
  [OptionalProps]?: 'revokedAt';

  /** `jti:<jti>`, or `sha256:<hex of the signed part>` for a token without one. */
  @PrimaryKey({ type: 'text' })
  key!: string;

  @Property({ type: 'uuid', nullable: true })
  userId: string | null = null;

  /** The session that its refresh continued or opened. */
  @Property({ type: 'uuid', nullable: true })
  sessionId: string | null = null;

  @Property({ type: 'timestamptz', defaultRaw: 'now()' })
  revokedAt!: Date;

  /** When neither use nor refresh of the token is possible any more, so that the row can go. */
  @Index()
  @Property({ type: 'timestamptz' })
  expiresAt!: Date;
}
