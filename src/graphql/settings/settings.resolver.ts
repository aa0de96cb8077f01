import { Query, Resolver } from 'type-graphql';
import type { Config } from '../../config/config';
import { RegistrationMode, Settings } from './settings.types';

export interface SettingsDependencies {
  registration: Config['registration'];
  passwordMinLength: number;
  kongSignIn: boolean;
}

const modes = { open: RegistrationMode.OPEN, invite: RegistrationMode.INVITE, closed: RegistrationMode.CLOSED };

@Resolver()
export class SettingsResolver {
  constructor(private readonly deps: SettingsDependencies) {}

  @Query(() => Settings, { nullable: true, description: 'What a client has to know before a login.' })
  settings(): Settings {
    const { registration, passwordMinLength, kongSignIn } = this.deps;
    return { registration: modes[registration], passwordMinLength, kongSignIn };
  }
}
