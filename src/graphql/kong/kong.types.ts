import { Field, InputType, Int, ObjectType } from 'type-graphql';
import { ID } from '../shared/scalars';

@ObjectType({ description: 'A credential in Kong.' })
export class KongSignInPayload {
  @Field(() => String, { description: 'Key of the credential: the issuer of its tokens. The secret stays in Kong.' })
  key!: string;
}

@InputType({ description: 'A key to get a token for.' })
export class KongTokenInput {
  @Field(() => String, { description: 'The key that kongSignIn gave.' })
  key!: string;
}

@ObjectType({ description: 'A token that Kong accepts.' })
export class KongTokenPayload {
  @Field(() => String, { description: 'Send it to Kong as `Authorization: Bearer <token>`.' })
  accessToken!: string;

  @Field(() => String, { description: 'Always Bearer.' })
  tokenType!: string;

  @Field(() => Int, { description: 'Seconds until it expires.' })
  expiresIn!: number;
}

@ObjectType({ description: 'A user as a consumer of Kong.' })
export class KongConsumer {
  @Field(() => ID, { description: "The consumer's id in Kong." })
  id!: string;

  @Field(() => String, { description: 'User name.' })
  username!: string;
}
