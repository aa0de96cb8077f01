import { Arg, Ctx, Mutation, Query, Resolver } from 'type-graphql';
import type { KongService } from '../../services/kong/kong.service';
import type { GraphqlContext } from '../server/context';
import { LoginInput } from '../token/token.types';
import { KongConsumer, KongSignInPayload, KongTokenInput, KongTokenPayload } from './kong.types';

@Resolver()
export class KongResolver {
  constructor(private readonly kong: KongService) {}

  @Mutation(() => KongSignInPayload, {
    nullable: true,
    description: 'Signs in at Kong: makes the user a consumer there, with a jwt credential.',
  })
  kongSignIn(
    @Arg('input', () => LoginInput, { description: 'Name and password.' }) input: LoginInput,
    @Ctx() { caller }: GraphqlContext,
  ): Promise<KongSignInPayload> {
    return this.kong.signIn(input, caller);
  }

  @Mutation(() => KongTokenPayload, {
    nullable: true,
    description: 'A token that Kong accepts, for the holder of a key.',
  })
  kongToken(
    @Arg('input', () => KongTokenInput, { description: 'The key.' }) input: KongTokenInput,
    @Ctx() { caller }: GraphqlContext,
  ): Promise<KongTokenPayload> {
    return this.kong.issueToken(input.key, caller);
  }

  @Query(() => KongConsumer, {
    nullable: true,
    description: 'The consumer that Kong has authenticated, for a request that came through a trusted Kong.',
  })
  kongConsumer(@Ctx() { caller }: GraphqlContext): KongConsumer {
    return this.kong.consumer(caller);
  }
}
