import { Field, InputType, Int, ObjectType, registerEnumType } from 'type-graphql';
import { PeriodInput } from '../shared/period.types';
import { DateTime, ID, JsonObject } from '../shared/scalars';

@ObjectType({ description: 'A login, failed or not, or a request that was refused to the account.' })
export class LoginAttempt {
  @Field(() => ID, { description: 'Stable id.' })
  id!: string;

  @Field(() => DateTime, { description: 'Time of the event.' })
  at!: Date;

  @Field(() => String, { description: 'User name or e-mail address as the client sent it.' })
  identifier!: string;

  @Field(() => ID, { nullable: true, description: 'Id of the account of that name, if there is one.' })
  userId!: string | null;

  @Field(() => String, { description: 'Channel of the login: graphql, identity, session or kong.' })
  channel!: string;

  @Field(() => String, { nullable: true, description: 'Address of the client.' })
  address!: string | null;

  @Field(() => String, { nullable: true, description: 'User-Agent of the client.' })
  userAgent!: string | null;

  @Field(() => String, {
    description:
      'ok; why a login failed: unknown-user, wrong-password, disabled; or what was refused to the account: ' +
      'access-denied, token-rejected, rate-limited, wrong-current-password, wrong-code.',
  })
  outcome!: string;

  @Field(() => Int, { description: 'How often it happened; a flood of refusals is one row.' })
  count!: number;
}

@ObjectType({ description: 'A security event: which account did what to which target, when and from which address.' })
export class AuditEvent {
  @Field(() => ID, { description: 'Stable id.' })
  id!: string;

  @Field(() => DateTime, { description: 'Time of the event.' })
  at!: Date;

  @Field(() => String, {
    description: 'What happened, such as user.disabled, session.reuse-detected or access.denied.',
  })
  action!: string;

  @Field(() => ID, { nullable: true, description: 'Id of the account that did it.' })
  actorId!: string | null;

  @Field(() => String, { nullable: true, description: 'User name of that account at that time.' })
  actorName!: string | null;

  @Field(() => String, { nullable: true, description: 'user, role, permission, session or token.' })
  targetType!: string | null;

  @Field(() => ID, { nullable: true, description: 'Id of a user or session, name of a role or permission.' })
  targetId!: string | null;

  @Field(() => String, { nullable: true, description: 'Address of the client.' })
  address!: string | null;

  @Field(() => String, { nullable: true, description: 'User-Agent of the client.' })
  userAgent!: string | null;

  @Field(() => JsonObject, { description: 'Further facts; never a credential.' })
  detail!: Record<string, unknown>;

  @Field(() => Int, { description: 'How often it happened; a flood of refusals is one row.' })
  count!: number;
}

@InputType({ description: 'Narrows the audit log; all conditions hold together.' })
export class AuditFilterInput {
  @Field(() => String, { nullable: true, description: 'The action, exactly as `action` shows it.' })
  action?: string | null;

  @Field(() => ID, { nullable: true, description: 'Id of the account that did it.' })
  actorId?: string | null;

  @Field(() => ID, { nullable: true, description: 'Id or name of the target.' })
  targetId?: string | null;

  @Field(() => PeriodInput, { nullable: true, description: 'Time of the event.' })
  at?: PeriodInput | null;
}

@InputType({ description: 'Narrows a login history; all conditions hold together.' })
export class LoginAttemptFilterInput {
  @Field(() => String, { nullable: true, description: 'The outcome, exactly as `outcome` shows it.' })
  outcome?: string | null;

  @Field(() => PeriodInput, { nullable: true, description: 'Time of the event.' })
  at?: PeriodInput | null;
}

export enum HistorySort {
  NEWEST_FIRST = 'NEWEST_FIRST',
  OLDEST_FIRST = 'OLDEST_FIRST',
}

registerEnumType(HistorySort, {
  name: 'HistorySort',
  description: 'The order of a history.',
  valuesConfig: {
    NEWEST_FIRST: { description: 'The newest event first.' },
    OLDEST_FIRST: { description: 'The oldest event first.' },
  },
});
