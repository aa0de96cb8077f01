import { Field, Int, ObjectType, registerEnumType } from 'type-graphql';

export enum RegistrationMode {
  OPEN = 'OPEN',
  INVITE = 'INVITE',
  CLOSED = 'CLOSED',
}

registerEnumType(RegistrationMode, {
  name: 'RegistrationMode',
  description: 'Who may register.',
  valuesConfig: {
    OPEN: { description: 'Everyone.' },
    INVITE: { description: 'People with an invitation.' },
    CLOSED: { description: 'No one; holders of CREATE_USER create accounts.' },
  },
});

@ObjectType({ description: 'What a client has to know before a login, to show the right forms.' })
export class Settings {
  @Field(() => RegistrationMode, { description: 'Who may register.' })
  registration!: RegistrationMode;

  @Field(() => Int, { description: 'Characters that a password has at least.' })
  passwordMinLength!: number;

  @Field(() => Boolean, { description: 'Whether kongSignIn is configured.' })
  kongSignIn!: boolean;
}
