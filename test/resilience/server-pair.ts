import {
  DeleteUserDocument,
  DisableUserDocument,
  LogoutDocument,
  RevokePermissionDocument,
  UnassignRoleDocument,
  UpdateUserDocument,
  UsersDocument,
} from '../../src/rest/generated/operations';
import { createEmptyDatabase, type TestDatabase } from '../support/database';
import type { TestUser } from '../support/identity-client';
import { type Environment, ServerProcess } from '../support/processes';

export interface Ending {
  what: string;
  /** The answer of the other process once it knows. */
  refusal: 'FORBIDDEN' | 'UNAUTHENTICATED';
  /** What is done on one of them. */
  end(on: ServerProcess, user: TestUser & { role: string }, admin: string): Promise<unknown>;
}

/** Everything that ends a token or takes a scope from it. */
export const endings: Ending[] = [
  {
    what: 'a logout',
    refusal: 'UNAUTHENTICATED',
    end: (on, { token }) => on.data(LogoutDocument, { input: { token } }),
  },
  {
    what: 'a role unassigned',
    refusal: 'FORBIDDEN',
    end: (on, { id, role }, admin) => on.data(UnassignRoleDocument, { input: { userId: id, role } }, admin),
  },
  {
    what: 'a permission revoked from the role',
    refusal: 'FORBIDDEN',
    end: (on, { role }, admin) =>
      on.data(RevokePermissionDocument, { input: { role, permission: 'READ_USERS' } }, admin),
  },
  {
    what: 'a new password',
    refusal: 'UNAUTHENTICATED',
    end: (on, { id }, admin) => on.data(UpdateUserDocument, { input: { id, password: 'another one' } }, admin),
  },
  {
    what: 'an account disabled',
    refusal: 'UNAUTHENTICATED',
    end: (on, { id }, admin) => on.data(DisableUserDocument, { input: { id } }, admin),
  },
  {
    what: 'an account deleted',
    refusal: 'UNAUTHENTICATED',
    end: (on, { id }, admin) => on.data(DeleteUserDocument, { input: { id } }, admin),
  },
];

/** Two server processes on one database. */
export class ServerPair {
  private constructor(
    readonly a: ServerProcess,
    readonly b: ServerProcess,
    private readonly database: TestDatabase,
  ) {}

  static async start(env: Environment): Promise<ServerPair> {
    const database = await createEmptyDatabase();
    const both = { DATABASE_URL: database.url, ...env };
    const [a, b] = await Promise.all([ServerProcess.start(both), ServerProcess.start(both)]);
    return new ServerPair(a!, b!, database);
  }

  async stop(): Promise<void> {
    for (const server of [this.a, this.b]) expect(await server.kill('SIGTERM')).toMatchObject({ code: 0 });
    await this.database.drop();
  }

  /** Carries an ending out on A for a new user whose token B has accepted. @returns what B answers to the token */
  async carryOut({ end }: Ending): Promise<() => Promise<string>> {
    const role = await this.a.role(['READ_USERS']);
    const user = { ...(await this.a.user({ roles: [role] })), role };
    const ask = () => this.b.outcome(UsersDocument, { first: 1 }, user.token);
    for (let i = 0; i < 3; i++) expect(await ask()).toBe('ok'); // from the cache at last
    await end(this.a, user, await this.a.admin());
    return ask;
  }
}
