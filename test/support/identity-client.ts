import { decodeJwt } from 'jose';
import {
  CreateRoleDocument,
  CreateUserDocument,
  LoginDocument,
  type LoginMutation,
} from '../../src/rest/generated/operations';
import { ADMIN } from './environment';
import { GraphqlClient } from './graphql-client';

/** The password of every user that `user()` makes. */
export const PASSWORD = 'correct horse';

export type Tokens = NonNullable<LoginMutation['login']>['tokens'] & { refreshToken: string; sessionId: string };

export interface TestUser {
  id: string;
  username: string;
  password: string;
  /** Access token of the user's first session, with the scopes at that time. */
  token: string;
  tokens: Tokens;
}

/** What every test needs of a server that it talks to: logins, users and roles. */
export class IdentityClient extends GraphqlClient {
  private administrator: Promise<string> | undefined;
  private made = 0;

  /** The server's time, in seconds since the epoch. */
  get seconds(): number {
    return Math.floor(Date.now() / 1000);
  }

  /** @throws Error when the login is refused */
  async login(username: string, password = PASSWORD): Promise<Tokens> {
    const { login } = await this.data(LoginDocument, { input: { username, password } });
    return login!.tokens as Tokens;
  }

  /** Access token of the administrator; of one session until the clock has ended it. */
  async admin(): Promise<string> {
    const held = await this.administrator?.catch(() => undefined);
    if (held && decodeJwt(held).exp! > this.seconds) return held;
    this.administrator = this.login(ADMIN.username, ADMIN.password).then(({ accessToken }) => accessToken);
    return this.administrator;
  }

  /** A new user with these roles, logged in. Names count up: `user1`, `user2`. */
  async user(
    of: { roles?: string[]; permissions?: string[]; username?: string; email?: string } = {},
  ): Promise<TestUser> {
    const number = ++this.made;
    const username = of.username ?? `user${number}`;
    const roles = [...(of.roles ?? []), ...(of.permissions ? [await this.role(of.permissions)] : [])];
    const input = { username, password: PASSWORD, email: of.email ?? null, ...(roles.length > 0 && { roles }) };
    const { createUser } = await this.data(CreateUserDocument, { input }, await this.admin());
    const tokens = await this.login(username);
    return { id: createUser!.user.id, username, password: PASSWORD, token: tokens.accessToken, tokens };
  }

  /** A new role with these permissions. @returns its name: `TEAM1`, `TEAM2` */
  async role(permissions: string[] = []): Promise<string> {
    const name = `TEAM${++this.made}`;
    await this.data(CreateRoleDocument, { input: { name, permissions, ifExists: 'REFUSE' } }, await this.admin());
    return name;
  }
}
