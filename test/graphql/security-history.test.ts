import { startSmtpServer } from '../fakes/smtp/smtp';
import { PASSWORD, startApp, type TestApp } from '../support/app';
import { eventually } from '../support/sessions';

let app: TestApp;
let smtp: Awaited<ReturnType<typeof startSmtpServer>>;
beforeAll(async () => {
  smtp = await startSmtpServer();
  app = await startApp({ env: { SMTP_URL: smtp.url, TRUST_PROXY: '1' } });
});
afterAll(async () => {
  await app.close();
  await smtp.close();
});

const from = (address: string) => ({ 'x-forwarded-for': address });

async function events(action: string, address: string) {
  const { auditEvents } = await app.data<{ auditEvents: { nodes: Record<string, unknown>[] } }>(
    'query ($filter: AuditFilterInput) { auditEvents(filter: $filter) { nodes { action actorName address count detail } } }',
    { filter: { action } },
    await app.admin(),
  );
  return auditEvents.nodes.filter((node) => node.address === address);
}

const ownHistory = async (token: string) =>
  (
    await app.data<{ loginAttempts: { nodes: { outcome: string; count: number; address: string }[] } }>(
      '{ loginAttempts { nodes { outcome count address } } }',
      {},
      token,
    )
  ).loginAttempts.nodes.filter(({ outcome }) => outcome !== 'ok');

describe('refused requests are in the security history', () => {
  test('wrong codes: a flood is one row with a count, for administrators and for the owner', async () => {
    const address = '203.0.113.7';
    const email = 'guessed@example.org';
    const user = await app.user({ email });
    await app.data('mutation { requestPasswordReset(input: {email: "guessed@example.org"}) { ok } }', {});
    await eventually('the mail', () => smtp.received.length > 0);
    const code = /^ *(\d{6})$/m.exec(smtp.received[0]!.text)![1]!;
    const wrong = code === '000000' ? '000001' : '000000';
    for (let i = 0; i < 4; i++)
      await app.gql(
        'mutation ($input: CheckPasswordResetCodeInput!) { checkPasswordResetCode(input: $input) { valid } }',
        { input: { email, code: wrong } },
        from(address),
      );
    await eventually('the count', async () => (await events('code.rejected', address))[0]?.count === 4);
    expect(await events('code.rejected', address)).toEqual([
      {
        action: 'code.rejected',
        actorName: email,
        address,
        count: 4,
        detail: { operation: 'reset-password', channel: 'graphql' },
      },
    ]);
    expect(await ownHistory(user.token)).toEqual([{ outcome: 'wrong-code', count: 4, address }]);
  });
});

describe('the owner is told by mail', () => {
  const subjects = (to: string) =>
    smtp.received.filter(({ recipients }) => recipients.includes(to)).map(({ subject }) => subject);
  const english = { 'accept-language': 'en' };
  const change = (input: object, token: string) =>
    app.gql(
      'mutation ($input: UpdateUserInput!) { updateUser(input: $input) { user { id } } }',
      { input },
      {
        ...english,
        authorization: `Bearer ${token}`,
      },
    );

  test('about a password that they or an administrator changed', async () => {
    const email = 'owner@example.org';
    const user = await app.user({ email });
    await app.gql(
      'mutation ($input: ChangePasswordInput!) { changePassword(input: $input) { ok } }',
      { input: { currentPassword: PASSWORD, newPassword: 'another password' } },
      { ...english, authorization: `Bearer ${user.token}` },
    );
    await eventually('the first notice', () => subjects(email).length === 1);
    await change({ id: user.id, password: 'by an administrator' }, await app.admin());
    await eventually('the second notice', () => subjects(email).length === 2);
    expect(subjects(email)).toEqual(['Your password was changed', 'Your password was changed']);
  });

  test('about a new e-mail address, at the old one and at the new one', async () => {
    const [old, moved] = ['old@example.org', 'moved@example.org'];
    const user = await app.user({ email: old });
    await change({ id: user.id, email: moved }, await app.admin());
    await eventually('both notices', () => subjects(old).length === 1 && subjects(moved).length === 1);
    expect(subjects(old)).toEqual(['The e-mail address of your account was changed']);
  });
});
