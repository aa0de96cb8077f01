import { Field, InputType, registerEnumType } from 'type-graphql';
import { PeriodInput } from '../shared/period.types';

@InputType({ description: 'Narrows a list of users; all conditions hold together.' })
export class UserFilterInput {
  @Field(() => String, { nullable: true, description: 'Part of user name, e-mail, first or last name, in any case.' })
  text?: string | null;

  @Field(() => String, { nullable: true, description: 'Name of a role that they have.' })
  role?: string | null;

  @Field(() => Boolean, { nullable: true, description: 'Whether the users are active or disabled.' })
  active?: boolean | null;

  @Field(() => PeriodInput, { nullable: true, description: 'When the account was created.' })
  createdAt?: PeriodInput | null;

  @Field(() => PeriodInput, {
    nullable: true,
    description: 'When the user last logged in; a user who never has is in no period.',
  })
  lastLoginAt?: PeriodInput | null;
}

export enum UserSortField {
  USERNAME = 'USERNAME',
  EMAIL = 'EMAIL',
  CREATED_AT = 'CREATED_AT',
  LAST_LOGIN_AT = 'LAST_LOGIN_AT',
}

registerEnumType(UserSortField, {
  name: 'UserSortField',
  description: 'What users are sorted by.',
  valuesConfig: {
    USERNAME: { description: 'The user name, without regard to case.' },
    EMAIL: { description: 'The e-mail address, without regard to case; users without one stand at the lower end.' },
    CREATED_AT: { description: 'When the account was created.' },
    LAST_LOGIN_AT: { description: 'The last login; users who never have stand at the earlier end.' },
  },
});

export enum SortDirection {
  ASC = 'ASC',
  DESC = 'DESC',
}

registerEnumType(SortDirection, {
  name: 'SortDirection',
  description: 'The direction of a sort.',
  valuesConfig: {
    ASC: { description: 'From the lower to the higher, or the earlier to the later.' },
    DESC: { description: 'From the higher to the lower, or the later to the earlier.' },
  },
});

@InputType({ description: 'The order of a list of users. A cursor belongs to the field it was made with.' })
export class UserSortInput {
  @Field(() => UserSortField, { description: 'What the users are sorted by.' })
  field!: UserSortField;

  @Field(() => SortDirection, { defaultValue: SortDirection.ASC, description: 'The direction.' })
  direction!: SortDirection;
}
