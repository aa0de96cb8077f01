import type fc from 'fast-check';
import {
  ChangePasswordDocument,
  DeleteUserDocument,
  DisableUserDocument,
  EnableUserDocument,
  LogoutDocument,
  RevokeAllSessionsDocument,
  RevokeOtherSessionsDocument,
  RevokeSessionDocument,
  UpdateUserDocument,
} from '../../../src/rest/generated/operations';
import type { Driver } from './driver';
import type { AccessToken, ModelUser, TokenModel } from './token-model';

export const endings = [
  'logout',
  'logout by refresh token',
  'revoke session',
  'revoke others',
  'revoke all',
  'change password',
  'set password',
  'disable',
  'disable and enable',
  'enable',
  'delete',
] as const;

export type Ending = (typeof endings)[number];

/**
 * An ending that is planned: done to the servers, and then to the model. `null` when there is
 * nothing that it could be done to.
 */
export interface Plan {
  /** Whose tokens it is about. */
  user: ModelUser;
  servers(): Promise<unknown>;
  model(): void;
}

/** Mostly one that lives: to end what has ended says less. */
function choose<T>(all: readonly T[], which: number, lives: (one: T) => boolean = () => true): T | undefined {
  const live = which % 4 === 0 ? [] : all.filter(lives);
  const from = live.length > 0 ? live : all;
  return from[(which >> 2) % from.length];
}

export function plan(ending: Ending, which: number, server: number, model: TokenModel, servers: Driver): Plan | null {
  const app = servers.at(server);
  const users = model.users.filter(({ exists }) => exists);
  const user = choose(users, which);
  const asAdmin = async <V>(document: unknown, variables: V) =>
    app.data<unknown, V>(document as never, variables, await app.admin());
  const expect = async (outcome: Promise<string>, expected: string) => {
    const got = await outcome;
    if (got !== expected) throw new Error(`${ending}: ${got} where ${expected} is due`);
  };

  switch (ending) {
    case 'logout': {
      const token = choose(model.accessTokens, which, (each) => model.verdict(each) !== 'UNAUTHENTICATED');
      return token
        ? {
            user: token.user,
            servers: () => app.data(LogoutDocument, { input: { token: token.token } }),
            model: () => endOne(token),
          }
        : null;
    }
    case 'logout by refresh token': {
      const token = choose(model.refreshTokens, which, (each) => model.lives(each.session));
      return token
        ? {
            user: token.session.user,
            servers: () => app.data(LogoutDocument, { input: { token: token.token } }),
            model: () => {
              token.session.ended = true;
            },
          }
        : null;
    }
    case 'revoke session': {
      const session = choose(
        model.sessions.filter(({ user: { exists } }) => exists),
        which,
        (each) => model.lives(each),
      );
      return session
        ? {
            user: session.user,
            servers: async () => {
              const input = { id: session.id };
              const outcome = await app.outcome(RevokeSessionDocument, { input }, await app.admin());
              if (outcome !== 'ok' && !model.isForgottenSession(session))
                throw new Error(`${ending}: ${outcome} where ok is due`);
            },
            model: () => {
              session.ended = true;
            },
          }
        : null;
    }
    case 'revoke others':
    case 'change password': {
      const token = choose(model.accessTokens, which, (each) => model.verdict(each) !== 'UNAUTHENTICATED');
      if (!token) return null;
      const live = model.verdict(token) !== 'UNAUTHENTICATED';
      const newPassword = `password ${model.now}`;
      const input = { currentPassword: token.user.password, newPassword };
      const ask = () =>
        ending === 'change password'
          ? app.outcome(ChangePasswordDocument, { input }, token.token)
          : app.outcome(RevokeOtherSessionsDocument, {}, token.token);
      return {
        user: token.user,
        // what another server has ended may still be known here for a moment: the check waits for
        // that
        servers: async () => {
          await servers.check(server, token, model);
          await expect(ask(), live ? 'ok' : 'UNAUTHENTICATED');
        },
        model: () => {
          if (!live) return;
          if (ending === 'change password') token.user.password = newPassword;
          model.endAll(token.user, token);
        },
      };
    }
    case 'revoke all':
      return user
        ? {
            user,
            servers: () => asAdmin(RevokeAllSessionsDocument, { input: { userId: user.id } }),
            model: () => model.endAll(user),
          }
        : null;
    case 'set password': {
      const password = `password ${model.now}`;
      return user
        ? {
            user,
            servers: () => asAdmin(UpdateUserDocument, { input: { id: user.id, password } }),
            model: () => {
              user.password = password;
              model.endAll(user);
            },
          }
        : null;
    }
    case 'disable':
    case 'enable':
    case 'disable and enable': {
      const steps =
        ending === 'disable and enable'
          ? [DisableUserDocument, EnableUserDocument]
          : [ending === 'disable' ? DisableUserDocument : EnableUserDocument];
      return user
        ? {
            user,
            servers: async () => {
              for (const document of steps) await asAdmin(document, { input: { id: user.id } });
            },
            model: () => {
              user.active = ending !== 'disable';
              if (ending !== 'enable') model.endAll(user);
            },
          }
        : null;
    }
    case 'delete':
      // one of the two stays, or there would be little to do
      return user && users.length > 1
        ? {
            user,
            servers: () => asAdmin(DeleteUserDocument, { input: { id: user.id } }),
            model: () => {
              user.exists = false;
              model.endAll(user);
            },
          }
        : null;
  }
}

function endOne(token: AccessToken): void {
  token.session.ended = true;
}

/** One of the ways in which tokens end. */
export class EndingCommand implements fc.AsyncCommand<TokenModel, Driver> {
  constructor(
    private readonly server: number,
    private readonly which: number,
    private readonly ending: Ending,
  ) {}

  check = () => true;

  async run(model: TokenModel, servers: Driver): Promise<void> {
    const planned = plan(this.ending, this.which, this.server, model, servers);
    if (!planned) return;
    await planned.servers();
    planned.model();
    // who is told that it is done finds it done here with the next request
    for (const token of model.accessTokens)
      if (token.user === planned.user) await servers.checkAtOnce(this.server, token, model);
  }

  toString = () => `${this.ending}(${this.which}, at ${this.server})`;
}
