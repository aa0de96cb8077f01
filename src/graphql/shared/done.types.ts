import { Field, ObjectType } from 'type-graphql';
import { ID } from './scalars';

@ObjectType({ description: 'Confirms that the operation was done; a failure is an error.' })
export class DonePayload {
  @Field(() => Boolean, { description: 'Always true.' })
  ok!: boolean;
}

export const done: DonePayload = Object.freeze({ ok: true });

@ObjectType({ description: 'Confirms that an object is gone; a failure is an error.' })
export class DeletePayload {
  @Field(() => Boolean, { description: 'Always true.' })
  ok!: boolean;

  @Field(() => ID, { description: 'Id of the object, for a client to evict it from its cache.' })
  id!: string;
}
