import { Field, ObjectType, registerEnumType } from 'type-graphql';
import { DateTime } from '../shared/scalars';

export enum AccountChangeKind {
  SESSION_ENDED = 'SESSION_ENDED',
  ROLES_CHANGED = 'ROLES_CHANGED',
  PROFILE_CHANGED = 'PROFILE_CHANGED',
}

registerEnumType(AccountChangeKind, {
  name: 'AccountChangeKind',
  description: "What has changed in the caller's account.",
  valuesConfig: {
    SESSION_ENDED: { description: 'The session of the stream has ended; the stream ends too.' },
    ROLES_CHANGED: { description: 'Roles, or what they permit; a refresh gives tokens with the new scopes.' },
    PROFILE_CHANGED: { description: 'Names, e-mail address, phone, profile or state.' },
  },
});

@ObjectType({ description: "A change of the caller's own account." })
export class AccountChange {
  @Field(() => AccountChangeKind, { description: 'What has changed.' })
  kind!: AccountChangeKind;

  @Field(() => DateTime, { description: 'Time at which this server noticed the change.' })
  at!: Date;
}
