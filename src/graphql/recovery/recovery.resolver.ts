import { Arg, Ctx, Mutation, Resolver } from 'type-graphql';
import type { RecoveryService } from '../../services/recovery/recovery.service';
import type { GraphqlContext } from '../server/context';
import { DonePayload, done } from '../shared/done.types';
import {
  CheckPasswordResetCodeInput,
  CodeCheckPayload,
  RequestPasswordResetInput,
  ResetPasswordInput,
  VerifyEmailInput,
} from './recovery.inputs';

@Resolver()
export class RecoveryResolver {
  constructor(private readonly recovery: RecoveryService) {}

  @Mutation(() => DonePayload, {
    nullable: true,
    description: 'Mails a six digit code to the account of an address. The answer does not say whether there is one.',
  })
  async requestPasswordReset(
    @Arg('input', () => RequestPasswordResetInput, { description: 'The address.' }) input: RequestPasswordResetInput,
    @Ctx() { caller }: GraphqlContext,
  ): Promise<DonePayload> {
    await this.recovery.requestPasswordReset(input.email, caller);
    return done;
  }

  @Mutation(() => CodeCheckPayload, {
    nullable: true,
    description: 'Says whether a code is right. It stays good for resetPassword; one of its five tries is used.',
  })
  async checkPasswordResetCode(
    @Arg('input', () => CheckPasswordResetCodeInput, { description: 'Address and code.' })
    input: CheckPasswordResetCodeInput,
    @Ctx() { caller }: GraphqlContext,
  ): Promise<CodeCheckPayload> {
    return { valid: await this.recovery.checkPasswordResetCode(input.email, input.code, caller) };
  }

  @Mutation(() => DonePayload, {
    nullable: true,
    description: 'Sets a new password with a code. Every session and token of the account ends.',
  })
  async resetPassword(
    @Arg('input', () => ResetPasswordInput, { description: 'Address, code and password.' }) input: ResetPasswordInput,
    @Ctx() { caller }: GraphqlContext,
  ): Promise<DonePayload> {
    await this.recovery.resetPassword(input, caller);
    return done;
  }

  @Mutation(() => DonePayload, {
    nullable: true,
    description: 'Mails a code and a link that prove the own e-mail address.',
  })
  async requestEmailVerification(@Ctx() { caller }: GraphqlContext): Promise<DonePayload> {
    await this.recovery.requestEmailVerification(caller);
    return done;
  }

  @Mutation(() => DonePayload, {
    nullable: true,
    description: 'Proves an e-mail address with the code or the link of the mail.',
  })
  async verifyEmail(
    @Arg('input', () => VerifyEmailInput, { description: 'Code or token.' }) input: VerifyEmailInput,
    @Ctx() { caller }: GraphqlContext,
  ): Promise<DonePayload> {
    if (input.linkToken) await this.recovery.verifyEmailByLink(input.linkToken, caller);
    else await this.recovery.verifyEmail(input.code ?? '', caller);
    return done;
  }
}
