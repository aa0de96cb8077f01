import { Field, InputType, Int, ObjectType } from 'type-graphql';
import { DateTime, ID } from '../shared/scalars';

@ObjectType({ description: 'A login whose tokens are still accepted.' })
export class Session {
  @Field(() => ID, { description: 'Stable id; the `sid` of its tokens.' })
  id!: string;

  @Field(() => String, { description: 'The channel that opened it: graphql, identity or session.' })
  channel!: string;

  @Field(() => String, { nullable: true, description: 'Address of the client at login.' })
  address!: string | null;

  @Field(() => String, { nullable: true, description: 'User-Agent of the client at login.' })
  userAgent!: string | null;

  @Field(() => DateTime, { description: 'When it began.' })
  createdAt!: Date;

  @Field(() => DateTime, { description: 'When it was last refreshed.' })
  lastSeenAt!: Date;

  @Field(() => DateTime, { description: 'When it ends unless it is refreshed before.' })
  expiresAt!: Date;

  @Field(() => Boolean, { description: 'Whether the request was made with it.' })
  current!: boolean;
}

@InputType({ description: 'Names a session.' })
export class RevokeSessionInput {
  @Field(() => ID, { description: 'Id of the session.' })
  id!: string;
}

@InputType({ description: 'Whose sessions to end.' })
export class RevokeAllSessionsInput {
  @Field(() => ID, { nullable: true, description: 'Id of the user; the caller by default.' })
  userId?: string | null;
}

@ObjectType({ description: 'What was ended.' })
export class RevokeSessionsPayload {
  @Field(() => Int, { description: 'How many sessions.' })
  count!: number;
}
