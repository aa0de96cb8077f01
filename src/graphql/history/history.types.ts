import { Field, ID, InputType, ObjectType } from 'type-graphql';
import { PageInfo } from '../shared/pagination.types';
import { DateTime, JsonObject } from '../shared/scalars';

@ObjectType({ description: 'A login, failed or not.' })
export class LoginAttempt {
  @Field(() => ID, { description: 'Stable id.' })
  id!: string;

  @Field(() => DateTime, { description: 'When.' })
  at!: Date;

  @Field(() => String, { description: 'User name or e-mail address as it was typed.' })
  identifier!: string;

  @Field(() => ID, { nullable: true, description: 'The account that it meant, if there is one.' })
  userId!: string | null;

  @Field(() => String, { description: 'The channel it came to: graphql, identity, session or gateway.' })
  channel!: string;

  @Field(() => String, { nullable: true, description: 'Address of the client.' })
  address!: string | null;

  @Field(() => String, { nullable: true, description: 'What the client calls itself (User-Agent).' })
  userAgent!: string | null;

  @Field(() => String, { description: 'ok, unknown-user, wrong-password or disabled.' })
  outcome!: string;
}

@ObjectType({ description: 'A page of logins, the newest first.' })
export class LoginAttemptConnection {
  @Field(() => [LoginAttempt], { description: 'The logins.' })
  nodes!: LoginAttempt[];

  @Field(() => PageInfo, { description: 'How to go on.' })
  pageInfo!: PageInfo;
}

@ObjectType({ description: 'A security event: who did what to whom, when and from where.' })
export class AuditEvent {
  @Field(() => ID, { description: 'Stable id.' })
  id!: string;

  @Field(() => DateTime, { description: 'When.' })
  at!: Date;

  @Field(() => String, { description: 'What, such as user.disabled or session.reuse-detected.' })
  action!: string;

  @Field(() => ID, { nullable: true, description: 'Id of who did it.' })
  actorId!: string | null;

  @Field(() => String, { nullable: true, description: 'His user name at that time.' })
  actorName!: string | null;

  @Field(() => String, { nullable: true, description: 'user, role, permission, session or token.' })
  targetType!: string | null;

  @Field(() => ID, { nullable: true, description: 'Id of a user or session, name of a role or permission.' })
  targetId!: string | null;

  @Field(() => String, { nullable: true, description: 'Address of the client.' })
  address!: string | null;

  @Field(() => String, { nullable: true, description: 'What the client calls itself (User-Agent).' })
  userAgent!: string | null;

  @Field(() => JsonObject, { description: 'More about it; never a credential.' })
  detail!: Record<string, unknown>;
}

@ObjectType({ description: 'A page of security events, the newest first.' })
export class AuditEventConnection {
  @Field(() => [AuditEvent], { description: 'The events.' })
  nodes!: AuditEvent[];

  @Field(() => PageInfo, { description: 'How to go on.' })
  pageInfo!: PageInfo;
}

@InputType({ description: 'Narrows the audit log; all conditions hold together.' })
export class AuditFilterInput {
  @Field(() => String, { nullable: true, description: 'What was done, exactly.' })
  action?: string | null;

  @Field(() => ID, { nullable: true, description: 'Id of who did it.' })
  actorId?: string | null;

  @Field(() => ID, { nullable: true, description: 'Id or name of what it was done to.' })
  targetId?: string | null;
}
