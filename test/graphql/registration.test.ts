import { DeleteUserDocument, DisableUserDocument, UnassignRoleDocument } from '../../src/rest/generated/operations';
import { startSmtpServer } from '../fakes/smtp/smtp';
import { PASSWORD, startApp, type TestApp } from '../support/app';
import { eventually } from '../support/eventually';

const CREATE = 'mutation ($input: CreateUserInput!) { createUser(input: $input) { user { id } } }';
const INVITE = `mutation ($input: InviteUserInput!) {
  inviteUser(input: $input) { invitation { email roles expiresAt } }
}`;
const ACCEPT = `mutation ($input: AcceptInvitationInput!) {
  acceptInvitation(input: $input) { user { username email isVerified roles { name } } }
}`;

let smtp: Awaited<ReturnType<typeof startSmtpServer>>;
beforeAll(async () => {
  smtp = await startSmtpServer();
});
afterAll(() => smtp.close());

const start = (REGISTRATION: string) =>
  startApp({ env: { CONSOLE: 'off', REGISTRATION, SMTP_URL: smtp.url, SEED_ROLES: 'EDITOR' } });

async function linkTo(email: string): Promise<string> {
  const mail = () => smtp.received.find(({ recipients }) => recipients.includes(email));
  await eventually(`the invitation of ${email}`, () => mail() !== undefined);
  return /(http\S+accept-invitation\S+)/.exec(mail()!.text)![1]!;
}
const tokenTo = async (email: string) => new URL(await linkTo(email)).searchParams.get('token')!;
const invite = async (app: TestApp, email: string, roles: string[] = []) =>
  app.data(INVITE, { input: { email, roles } }, await app.admin());

describe('registration', () => {
  let [invited, closed]: TestApp[] = [];
  beforeAll(async () => {
    [invited, closed] = await Promise.all([start('invite'), start('closed')]);
  });

  test.each(['invite', 'closed'])(
    'in mode %s is refused on every channel, except to callers with CREATE_USER',
    async (mode) => {
      const app = (mode === 'invite' ? invited : closed)!;
      const input = { username: 'newcomer', password: PASSWORD };
      expect(await app.outcome(CREATE, { input })).toBe('REGISTRATION_CLOSED');
      const response = await fetch(`${app.origin}/identity/users`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(input),
      });
      expect({ status: response.status, body: await response.json() }).toMatchObject({
        status: 403,
        body: { code: 1007, message: 'You do not have permission' },
      });
      expect(await app.outcome(CREATE, { input }, await app.admin())).toBe('ok');
    },
  );

  test.each([
    ['was disabled', (id: string) => [DisableUserDocument, { id }]],
    ['was deleted', (id: string) => [DeleteUserDocument, { id }]],
    ['lost the role', (userId: string) => [UnassignRoleDocument, { userId, role: 'EDITOR' }]],
  ])('by an invitation whose sender %s is refused', async (what, change) => {
    const app = invited!;
    const sender = await app.user({ roles: ['EDITOR'], permissions: ['CREATE_USER', 'ASSIGN_ROLE'] });
    const email = `${what.replaceAll(' ', '-')}@example.org`;
    await app.data(INVITE, { input: { email, roles: ['EDITOR'] } }, sender.token);
    const input = { token: await tokenTo(email), username: email, password: PASSWORD };
    const [document, given] = change(sender.id);
    await app.data(document as never, { input: given } as never, await app.admin());
    expect(await app.outcome(ACCEPT, { input })).toBe('INVALID_LINK');
    expect(await app.sql('select 1 from users where username = $1', [email])).toEqual([]);
  });

  test('by invitation opens one account, with the proved address and the roles of the invitation', async () => {
    const app = invited!;
    expect(await invite(app, 'lan@example.org', ['EDITOR'])).toMatchObject({
      inviteUser: { invitation: { email: 'lan@example.org', roles: ['EDITOR'] } },
    });
    const token = await tokenTo('lan@example.org');
    const accept = (username: string) => app.gql(ACCEPT, { input: { token, username, password: PASSWORD } });
    const answers = await Promise.all(['lan.one', 'lan.two', 'lan.three'].map(accept));
    const opened = answers.filter(({ body }) => !body.errors);
    expect(opened).toHaveLength(1);
    expect(opened[0]!.body.data).toMatchObject({
      acceptInvitation: { user: { email: 'lan@example.org', isVerified: true, roles: [{ name: 'EDITOR' }] } },
    });
    expect(await app.outcome(ACCEPT, { input: { token, username: 'lan.four', password: PASSWORD } })).toBe(
      'INVALID_LINK',
    );
  });

  test('by invitation ends after seven days, and keeps no token in clear', async () => {
    const app = invited!;
    await invite(app, 'late@example.org');
    const token = await tokenTo('late@example.org');
    expect(JSON.stringify(await app.sql('select * from invitations'))).not.toContain(token);
    expect(JSON.stringify(await app.sql('select * from jobs'))).not.toContain(token);
    const input = { token, username: 'late.one', password: 'x' };
    expect(await app.outcome(ACCEPT, { input })).toBe('PASSWORD_TOO_SHORT');
    app.clock.advance(7 * 86_400 + 1);
    expect(await app.outcome(ACCEPT, { input: { ...input, password: PASSWORD } })).toBe('INVALID_LINK');
  });

  test('invitations need CREATE_USER, with roles every scope of them, and a mode that allows them', async () => {
    const input = { username: 'without.scopes', password: PASSWORD };
    await invited!.data(CREATE, { input }, await invited!.admin());
    const { accessToken } = await invited!.login('without.scopes');
    expect(await invited!.outcome(INVITE, { input: { email: 'x@example.org' } }, accessToken)).toBe('FORBIDDEN');
    expect(await closed!.outcome(INVITE, { input: { email: 'x@example.org' } }, await closed!.admin())).toBe(
      'REGISTRATION_CLOSED',
    );
    const acceptance = { token: 'a'.repeat(43), username: 'newcomer', password: PASSWORD };
    expect(await closed!.outcome(ACCEPT, { input: acceptance })).toBe('REGISTRATION_CLOSED');
  });

  test('by the page of the link, which shows what is wrong and keeps the name', async () => {
    const app = invited!;
    await invite(app, 'page@example.org');
    const token = await tokenTo('page@example.org');
    const post = (fields: Record<string, string>) =>
      fetch(`${app.origin}/accept-invitation`, {
        method: 'POST',
        headers: { 'accept-language': 'en' },
        body: new URLSearchParams({ token, ...fields }),
      });
    const shown = await fetch(`${app.origin}/accept-invitation?token=${token}`, {
      headers: { 'accept-language': 'en' },
    });
    expect(await shown.text()).toContain('Open your account');
    const refused = await post({ username: '"><script>', password: 'x' });
    expect(refused.status).toBe(400);
    expect(await refused.text()).toContain('value="&quot;&gt;&lt;script&gt;"');
    expect((await post({ username: 'page.user', password: PASSWORD })).status).toBe(200);
    expect(await app.login('page.user')).toBeDefined();
  });
});
