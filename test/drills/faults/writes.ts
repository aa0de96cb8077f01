import type { TypedDocumentNode } from '@graphql-typed-document-node/core';
import {
  AssignRoleDocument,
  ChangePasswordDocument,
  CreateUserDocument,
  DeleteUserDocument,
  IntrospectActiveDocument,
  KongSignInDocument,
  LogoutDocument,
  RefreshDocument,
  RequestPasswordResetDocument,
  ResetPasswordDocument,
  UnassignRoleDocument,
  UpdateUserDocument,
  type UserRoleInput,
} from '../../../src/rest/generated/operations';
import { eventually } from '../../support/eventually';
import { type IdentityClient, PASSWORD, type TestUser } from '../../support/identity-client';
import type { Stage } from '../stage/stage';

/** A write that may be cut off at any moment. */
export interface Write {
  name: string;
  /**
   * Makes ready what is written, on a server that stays. @returns `send`, to the one that is killed,
   * which resolves when the write is confirmed, and `isDone`, which throws when it is half done
   */
  prepare(
    stage: Stage,
    name: string,
  ): Promise<{ send(killed: IdentityClient): Promise<unknown>; isDone(stays: IdentityClient): Promise<boolean> }>;
}

const NEW_PASSWORD = 'another password';
const ROLE = 'KILL_DRILL';

async function newUser({ servers: [stays] }: Stage, name: string): Promise<TestUser> {
  return stays!.user({ username: name, email: `${name}@example.org` });
}

const canLogin = async (client: IdentityClient, username: string, password: string): Promise<boolean> => {
  const outcome = await client.outcome('mutation($i: LoginInput!) { login(input: $i) { user { id } } }', {
    i: { username, password },
  });
  if (outcome === 'ok') return true;
  if (outcome === 'INVALID_CREDENTIALS') return false;
  throw new Error(`a login is answered with ${outcome}`);
};

const isActive = async (client: IdentityClient, token: string): Promise<boolean> =>
  (await client.data(IntrospectActiveDocument, { input: { token } })).introspect!.active;

/** All of these are one change: they agree. */
function agree(what: string, parts: readonly boolean[]): boolean {
  if (new Set(parts).size !== 1) throw new Error(`${what} is half done: ${parts.join(', ')}`);
  return parts[0]!;
}

const countEvents = async ({ postgres }: Stage, action: string, target: string): Promise<number> => {
  const [row] = await postgres.sql<{ count: string }>(
    'select count(*) from audit_events where action = $1 and target_id = $2',
    [action, target],
  );
  return Number(row!.count);
};

/** Whether a password was replaced: exactly one of the two is the account's, and other sessions end with the old. */
async function isReplaced(stays: IdentityClient, user: TestUser): Promise<boolean> {
  const isOld = await canLogin(stays, user.username, PASSWORD);
  const isNew = await canLogin(stays, user.username, NEW_PASSWORD);
  const isEnded = !(await isActive(stays, user.tokens.refreshToken));
  return agree('a new password', [!isOld, isNew, isEnded]);
}

/** The newest code that was mailed to the user. */
const codeFor = ({ smtp }: Stage, { username }: TestUser) =>
  eventually('the mail with the code', () => {
    const mail = smtp.received.findLast(({ recipients }) => recipients.includes(`${username}@example.org`));
    return /\b\d{6}\b/.exec(mail?.text ?? '')?.[0];
  });

function roleChange<T>(name: string, document: TypedDocumentNode<T, { input: UserRoleInput }>): Write {
  const isGiven = name === 'role assigned';
  return {
    name,
    prepare: async (stage, username) => {
      const [stays] = stage.servers;
      const user = await stays!.user({ username, ...(!isGiven && { roles: [ROLE] }) });
      const admin = await stays!.admin();
      return {
        send: (killed) => killed.data(document, { input: { userId: user.id, role: ROLE } }, admin),
        isDone: async () => {
          const rows = await stage.postgres.sql('select from user_roles where user_id = $1', [user.id]);
          const events = await countEvents(stage, isGiven ? 'user.role-assigned' : 'user.role-unassigned', user.id);
          return agree('a role', [rows.length === (isGiven ? 1 : 0), events === 1]);
        },
      };
    },
  };
}

export const writes: readonly Write[] = [
  {
    name: 'login',
    prepare: async (stage, name) => {
      const user = await newUser(stage, name);
      let token = '';
      return {
        send: async (killed) => {
          token = (await killed.login(user.username)).accessToken;
        },
        isDone: async (stays) => token !== '' && isActive(stays, token),
      };
    },
  },
  {
    name: 'refresh',
    prepare: async (stage, name) => {
      const { tokens } = await newUser(stage, name);
      let next = '';
      const refreshed = async (client: IdentityClient, refreshToken: string) =>
        (await client.data(RefreshDocument, { input: { refreshToken } })).refresh!.tokens!;
      return {
        send: async (killed) => {
          next = (await refreshed(killed, tokens.refreshToken)).refreshToken!;
        },
        isDone: async (stays) => {
          // a client without the answer asks again, and gets the one successor that there is
          const again = next === '' ? await refreshed(stays, tokens.refreshToken) : await refreshed(stays, next);
          if (!(await isActive(stays, again.accessToken))) throw new Error('the session is lost');
          return next !== '';
        },
      };
    },
  },
  {
    name: 'logout',
    prepare: async (stage, name) => {
      const { tokens } = await newUser(stage, name);
      return {
        send: (killed) => killed.data(LogoutDocument, { input: { token: tokens.refreshToken } }),
        isDone: async (stays) =>
          agree('a logout', [
            !(await isActive(stays, tokens.accessToken)),
            !(await isActive(stays, tokens.refreshToken)),
          ]),
      };
    },
  },
  {
    name: 'user created with a role',
    prepare: async (stage, name) => {
      const [stays] = stage.servers;
      const admin = await stays!.admin();
      const input = { username: name, password: PASSWORD, roles: [ROLE] };
      return {
        send: (killed) => killed.data(CreateUserDocument, { input }, admin),
        isDone: async () => {
          const rows = await stage.postgres.sql<{ roles: string }>(
            `select (select count(*) from user_roles ur where ur.user_id = u.id) as roles from users u where username = $1`,
            [name],
          );
          if (rows.length === 1 && rows[0]!.roles === '0') throw new Error('the user has no role');
          return rows.length === 1;
        },
      };
    },
  },
  {
    name: 'registration',
    prepare: async (_stage, name) => ({
      send: (killed) => killed.data(CreateUserDocument, { input: { username: name, password: PASSWORD } }),
      isDone: (stays) => canLogin(stays, name, PASSWORD),
    }),
  },
  {
    name: 'user edited',
    prepare: async (stage, name) => {
      const [stays] = stage.servers;
      const user = await newUser(stage, name);
      const admin = await stays!.admin();
      const input = { id: user.id, firstName: 'New', lastName: 'Name' };
      return {
        send: (killed) => killed.data(UpdateUserDocument, { input }, admin),
        isDone: async () => {
          const [row] = await stage.postgres.sql<{ first_name: string; last_name: string }>(
            'select first_name, last_name from users where id = $1',
            [user.id],
          );
          const events = await countEvents(stage, 'user.updated', user.id);
          return agree('an edit', [row!.first_name === 'New', row!.last_name === 'Name', events === 1]);
        },
      };
    },
  },
  {
    name: 'user deleted',
    prepare: async (stage, name) => {
      const [stays] = stage.servers;
      const user = await newUser(stage, name);
      const admin = await stays!.admin();
      return {
        send: (killed) => killed.data(DeleteUserDocument, { input: { id: user.id } }, admin),
        isDone: async (client) =>
          agree('a deletion', [
            !(await canLogin(client, name, PASSWORD)),
            !(await isActive(client, user.token)),
            (await countEvents(stage, 'user.deleted', user.id)) === 1,
          ]),
      };
    },
  },
  roleChange('role assigned', AssignRoleDocument),
  roleChange('role unassigned', UnassignRoleDocument),
  {
    name: 'password changed',
    prepare: async (stage, name) => {
      const user = await newUser(stage, name);
      const other = await stage.servers[0]!.login(name);
      const input = { currentPassword: PASSWORD, newPassword: NEW_PASSWORD };
      return {
        send: (killed) => killed.data(ChangePasswordDocument, { input }, other.accessToken),
        isDone: (stays) => isReplaced(stays, user),
      };
    },
  },
  {
    name: 'password reset by a code',
    prepare: async (stage, name) => {
      const user = await newUser(stage, name);
      const email = `${name}@example.org`;
      await stage.servers[0]!.data(RequestPasswordResetDocument, { input: { email } });
      const input = { email, code: await codeFor(stage, user), newPassword: NEW_PASSWORD };
      return {
        send: (killed) => killed.data(ResetPasswordDocument, { input }),
        isDone: async (stays) => {
          const isDone = await isReplaced(stays, user);
          const again = await stays.outcome(ResetPasswordDocument, { input });
          if (again !== (isDone ? 'INVALID_CODE' : 'ok')) throw new Error(`the code is answered with ${again}`);
          return isDone;
        },
      };
    },
  },
  {
    name: 'job of a mail',
    prepare: async (stage, name) => {
      const user = await newUser(stage, name);
      const email = `${name}@example.org`;
      return {
        send: (killed) => killed.data(RequestPasswordResetDocument, { input: { email } }),
        isDone: async () => {
          // what the killed process had claimed comes when its lease is over: two minutes pass for these jobs
          await stage.postgres.sql("update jobs set due_at = now() where payload->>'userId' = $1", [user.id]);
          const jobs = await stage.postgres.sql("select from jobs where payload->>'userId' = $1", [user.id]);
          if (jobs.length > 0) await codeFor(stage, user);
          return stage.smtp.received.some(({ recipients }) => recipients.includes(email));
        },
      };
    },
  },
  {
    name: 'Kong sign-in',
    prepare: async (stage, name) => {
      await newUser(stage, name);
      let key = '';
      return {
        send: async (killed) => {
          key = (await killed.data(KongSignInDocument, { input: { username: name, password: PASSWORD } })).kongSignIn!
            .key;
        },
        isDone: async () => {
          const answer = await fetch(`${stage.kong.adminUrl}/consumers/${name}/jwt`);
          const { data = [] } = (await answer.json()) as { data?: { key: string }[] };
          for (const held of data) {
            const rows = await stage.postgres.sql('select from kong_credentials where key = $1', [held.key]);
            if (rows.length === 0) throw new Error('Kong has a credential that is unknown here');
          }
          return key !== '' && data.some((held) => held.key === key);
        },
      };
    },
  },
];

/** What the writes need. */
export async function prepareWrites(stage: Stage): Promise<void> {
  const [stays] = stage.servers;
  await stays!.data(
    'mutation($i: CreateRoleInput!) { createRole(input: $i) { role { name } } }',
    { i: { name: ROLE, permissions: ['READ_PERMISSIONS'], ifExists: 'REPLACE' } },
    await stays!.admin(),
  );
}
