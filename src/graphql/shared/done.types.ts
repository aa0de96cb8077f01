import { Field, ObjectType } from 'type-graphql';

@ObjectType({ description: 'Confirms that the operation was done; a failure is an error.' })
export class DonePayload {
  @Field(() => Boolean, { description: 'Always true.' })
  ok!: boolean;
}

export const done: DonePayload = Object.freeze({ ok: true });
