import { Field, ObjectType } from 'type-graphql';

@ObjectType({ description: 'Says that it was done; what could not be done is an error.' })
export class DonePayload {
  @Field(() => Boolean, { description: 'Always true.' })
  ok!: boolean;
}

export const done: DonePayload = Object.freeze({ ok: true });
