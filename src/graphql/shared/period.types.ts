import { Field, InputType } from 'type-graphql';
import { DateTime } from './scalars';

@InputType({ description: 'The time from one moment until another; either may be left out.' })
export class PeriodInput {
  @Field(() => DateTime, { nullable: true, description: 'The first moment.' })
  from?: Date | null;

  @Field(() => DateTime, { nullable: true, description: 'The first moment after the period.' })
  until?: Date | null;
}
