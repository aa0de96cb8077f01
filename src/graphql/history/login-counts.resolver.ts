import { Arg, Field, Int, ObjectType, Query, Resolver, registerEnumType } from 'type-graphql';
import type { LoginCounts } from '../../services/audit/login-counts';
import { PeriodInput } from '../shared/period.types';
import { DateTime } from '../shared/scalars';

export enum TimeStep {
  HOUR = 'HOUR',
  DAY = 'DAY',
}

registerEnumType(TimeStep, {
  name: 'TimeStep',
  description: 'The length of time that one count is for.',
  valuesConfig: { HOUR: { description: 'An hour.' }, DAY: { description: '24 hours.' } },
});

@ObjectType({ description: 'Logins in one step of a period.' })
export class LoginCount {
  @Field(() => DateTime, { description: 'The beginning of the step.' })
  from!: Date;

  @Field(() => Int, { description: 'Logins that succeeded.' })
  succeeded!: number;

  @Field(() => Int, { description: 'Logins that failed.' })
  failed!: number;
}

/** Rows are counted, not returned: the cost is that of a page of 500. */
const COST = 500;

@Resolver()
export class LoginCountsResolver {
  constructor(private readonly loginCountsService: LoginCounts) {}

  @Query(() => [LoginCount], {
    nullable: true,
    complexity: COST,
    description: 'Logins over time: a count for each step of a period of at most 400 steps.',
  })
  loginCounts(
    @Arg('step', () => TimeStep, { defaultValue: TimeStep.HOUR, description: 'What one count is for.' })
    step: TimeStep,
    @Arg('at', () => PeriodInput, {
      nullable: true,
      description: 'The period; it ends now and holds 24 hours or 30 days unless it is given.',
    })
    at?: PeriodInput | null,
  ): Promise<LoginCount[]> {
    return this.loginCountsService.find(step, at ?? {});
  }
}
