import { Field, InputType, ObjectType } from 'type-graphql';

@InputType({ description: 'Whose password was forgotten.' })
export class RequestPasswordResetInput {
  @Field(() => String, { description: 'E-mail address of the account.' })
  email!: string;
}

@InputType({ description: 'A code to look at.' })
export class CheckPasswordResetCodeInput {
  @Field(() => String, { description: 'E-mail address that the code was sent to.' })
  email!: string;

  @Field(() => String, { description: 'The six digits.' })
  code!: string;
}

@InputType({ description: 'A new password, and the code that allows it.' })
export class ResetPasswordInput {
  @Field(() => String, { description: 'E-mail address that the code was sent to.' })
  email!: string;

  @Field(() => String, { description: 'The six digits.' })
  code!: string;

  @Field(() => String, { description: 'The new password.' })
  newPassword!: string;
}

@InputType({ description: 'What came by e-mail: the code, or the token of the link.' })
export class VerifyEmailInput {
  @Field(() => String, { nullable: true, description: 'The six digits; takes a token of the account.' })
  code?: string | null;

  @Field(() => String, { nullable: true, description: 'The token of the link; needs nothing else.' })
  linkToken?: string | null;
}

@ObjectType({ description: 'Whether a code is right.' })
export class CodeCheckPayload {
  @Field(() => Boolean, {
    description: 'True for the right code, as long as it is not used, expired or tried too often.',
  })
  valid!: boolean;
}
