import { Arg, Ctx, Mutation, Query, Resolver } from 'type-graphql';
import type { KongService } from '../../services/kong/kong.service';
import type { GraphqlContext } from '../server/context';
import { LoginInput } from '../token/token.types';
import { KongConsumer, KongSignInPayload, KongTokenInput, KongTokenPayload } from './kong.types';

@Resolver()
export class KongResolver {
  constructor(private readonly gateway: KongService) {}

  @Mutation(() => KongSignInPayload, {
    nullable: true,
    description: 'Signs in at the Kong gateway: makes the user a consumer there, with a jwt credential.',
  })
  kongSignIn(
    @Arg('input', () => LoginInput, { description: 'Name and password.' }) input: LoginInput,
    @Ctx() { caller }: GraphqlContext,
  ): Promise<KongSignInPayload> {
    return this.gateway.signIn(input, caller);
  }

  @Mutation(() => KongTokenPayload, {
    nullable: true,
    description: 'A token that Kong accepts, for the holder of a key.',
  })
  kongToken(
    @Arg('input', () => KongTokenInput, { description: 'The key.' }) input: KongTokenInput,
    @Ctx() { caller }: GraphqlContext,
  ): Promise<KongTokenPayload> {
    return this.gateway.issueToken(input.key, caller);
  }

  @Query(() => KongConsumer, {
    nullable: true,
    description: 'Whom a trusted gateway has let through; only behind Kong there is anybody.',
  })
  kongConsumer(@Ctx() { caller }: GraphqlContext): KongConsumer {
    return this.gateway.consumer(caller);
  }
}
