import { Arg, Ctx, Mutation, Query, Resolver } from 'type-graphql';
import type { GatewayService } from '../../services/gateway.service';
import type { GraphqlContext } from '../context';
import { LoginInput } from '../token/token.types';
import { GatewayConsumer, GatewaySignInPayload, GatewayTokenInput, GatewayTokenPayload } from './gateway.types';

@Resolver()
export class GatewayResolver {
  constructor(private readonly gateway: GatewayService) {}

  @Mutation(() => GatewaySignInPayload, {
    nullable: true,
    description: 'Signs in at the Kong gateway: makes the user a consumer there, with a jwt credential.',
  })
  gatewaySignIn(
    @Arg('input', () => LoginInput, { description: 'Name and password.' }) input: LoginInput,
    @Ctx() { caller }: GraphqlContext,
  ): Promise<GatewaySignInPayload> {
    return this.gateway.signIn(input, caller);
  }

  @Mutation(() => GatewayTokenPayload, { nullable: true, description: 'A token that Kong accepts, for the holder of a key.' })
  gatewayToken(
    @Arg('input', () => GatewayTokenInput, { description: 'The key.' }) input: GatewayTokenInput,
    @Ctx() { caller }: GraphqlContext,
  ): Promise<GatewayTokenPayload> {
    return this.gateway.issueToken(input.key, caller);
  }

  @Query(() => GatewayConsumer, {
    nullable: true,
    description: 'Whom a trusted gateway has let through; only behind Kong there is anybody.',
  })
  gatewayConsumer(@Ctx() { caller }: GraphqlContext): GatewayConsumer {
    return this.gateway.consumer(caller);
  }
}
