import { createServer, type Server, type Socket } from 'node:net';
import { pino } from 'pino';
import { MailUnavailableError } from '../../../src/integrations/mail/mail-unavailable.error';
import { passwordResetMail } from '../../../src/integrations/mail/messages';
import { SmtpMailer } from '../../../src/integrations/mail/smtp-mailer';
import { type SmtpTestServer, startSmtpServer } from '../../fakes/smtp/smtp';

const FROM = 'Identity <no-reply@example.org>';
const PASSWORD = 'p@ss:w/rd?';

let logged: string[] = [];
const logger = pino({ level: 'trace' }, { write: (line: string) => void logged.push(line) });
const open: { close(): Promise<void> }[] = [];

beforeEach(() => {
  logged = [];
});

afterEach(async () => {
  for (const each of open.splice(0).reverse()) await each.close();
});

async function smtp(options: Parameters<typeof startSmtpServer>[0] = {}): Promise<SmtpTestServer> {
  const server = await startSmtpServer(options);
  open.push(server);
  return server;
}

function mailer(smtpUrl: string, timeoutMs = 2_000): SmtpMailer {
  const created = new SmtpMailer({ smtpUrl, from: FROM, logger, timeoutMs });
  open.push(created);
  return created;
}

/** The failure of a send. */
async function failure(sending: Promise<void>): Promise<MailUnavailableError> {
  const error: unknown = await sending.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof MailUnavailableError))
    throw new Error(`expected a MailUnavailableError, got ${String(error)}`);
  return error;
}

describe('delivery', () => {
  it('delivers text and html to one recipient, with a subject outside ASCII', async () => {
    const server = await smtp();
    await mailer(server.url).send({
      to: 'lan@example.org',
      subject: 'Mã đặt lại mật khẩu của bạn 🔑',
      text: 'Mã: 123456',
      html: '<p>Mã: 123456</p>',
    });

    const [mail] = server.received;
    expect(server.received).toHaveLength(1);
    expect({ ...mail, headers: undefined }).toEqual({
      from: 'no-reply@example.org',
      recipients: ['lan@example.org'],
      secure: false,
      headers: undefined,
      subject: 'Mã đặt lại mật khẩu của bạn 🔑',
      text: 'Mã: 123456',
      html: '<p>Mã: 123456</p>',
    });
    expect(mail?.headers.from).toEqual(['Identity <no-reply@example.org>']);
    expect(mail?.headers.to).toEqual(['lan@example.org']);
    expect(mail?.headers['auto-submitted']).toEqual(['auto-generated']);
  });

  it('delivers the mail with a reset code whole', async () => {
    const server = await smtp();
    const message = passwordResetMail({
      to: 'lan@example.org',
      name: 'Nguyễn Thị Lan',
      code: '004217',
      language: 'vi',
    });
    await mailer(server.url).send(message);
    expect(server.received[0]).toMatchObject({
      subject: message.subject,
      text: message.text.trimEnd(),
      html: message.html,
    });
  });

  it('keeps lines that look like SMTP commands or the end of data in the text', async () => {
    const server = await smtp();
    const text = 'before\r\n.\r\nMAIL FROM:<evil@example.org>\r\nRCPT TO:<other@example.org>\r\n..\r\nafter';
    await mailer(server.url).send({ to: 'lan@example.org', subject: 'dots', text });
    expect(server.received.map(({ recipients, text: got }) => ({ recipients, got }))).toEqual([
      { recipients: ['lan@example.org'], got: text.replaceAll('\r\n', '\n') },
    ]);
  });

  it('delivers many mails at once', async () => {
    const server = await smtp();
    const sender = mailer(server.url);
    await Promise.all(
      Array.from({ length: 20 }, (_, i) => sender.send({ to: `u${i}@example.org`, subject: `n${i}`, text: `${i}` })),
    );
    expect(server.received.map(({ text }) => Number(text)).sort((a, b) => a - b)).toEqual(
      Array.from({ length: 20 }, (_, i) => i),
    );
  });

  it('lets a mail under way finish on close, and takes none afterwards', async () => {
    const server = await smtp();
    const sender = mailer(server.url);
    const sending = sender.send({ to: 'lan@example.org', subject: 'last', text: 'last' });
    await sender.close();
    await sending;
    expect(server.received).toHaveLength(1);
    const error = await failure(sender.send({ to: 'lan@example.org', subject: 'late', text: 'late' }));
    expect({ ...error }).toEqual({ name: 'MailUnavailableError', reason: 'closed', retryable: true });
  });
});

describe('credentials and TLS', () => {
  const auth = { user: 'mailer@example.org', password: PASSWORD };

  it('logs in with the percent-encoded credentials of the URL', async () => {
    const server = await smtp({ auth });
    await mailer(server.url).send({ to: 'lan@example.org', subject: 'hello', text: 'hello' });
    expect(server.received[0]?.user).toBe('mailer@example.org');
  });

  it('reports refused credentials without repeating them, also where the server does', async () => {
    const server = await smtp({ auth });
    const url = server.url.replace(encodeURIComponent(PASSWORD), 'wrong-secret');
    const error = await failure(mailer(url).send({ to: 'lan@example.org', subject: 'hello', text: 'hello' }));
    expect(error.message).toBe('The mail could not be handed over: authentication (EAUTH 535)');
    expect({ ...error }).toEqual({
      name: 'MailUnavailableError',
      reason: 'authentication',
      retryable: true,
      code: 'EAUTH',
      responseCode: 535,
    });
    expect(logged).toHaveLength(1);
    expect(`${logged.join()}${error.stack}${JSON.stringify(error)}`).not.toMatch(/wrong-secret|mailer@|lan@/);
  });

  it('upgrades to TLS when the server offers it', async () => {
    const server = await smtp({ tls: 'starttls', auth });
    await mailer(`${server.url}?tls.rejectUnauthorized=false`).send({
      to: 'lan@example.org',
      subject: 'hello',
      text: 'hello',
    });
    expect(server.received[0]).toMatchObject({ secure: true, user: 'mailer@example.org' });
  });

  it('uses TLS from the first byte with smtps://', async () => {
    const server = await smtp({ tls: 'implicit', auth });
    await mailer(`${server.url}?tls.rejectUnauthorized=false`).send({
      to: 'lan@example.org',
      subject: 'hello',
      text: 'hello',
    });
    expect(server.received[0]).toMatchObject({ secure: true, user: 'mailer@example.org' });
  });

  it.each(['starttls', 'implicit'] as const)('refuses a certificate of an unknown authority (%s)', async (tls) => {
    const server = await smtp({ tls, auth });
    const error = await failure(mailer(server.url).send({ to: 'lan@example.org', subject: 'hello', text: 'hello' }));
    expect(error).toMatchObject({ reason: 'tls', retryable: true });
    expect(server.asked).toEqual([]);
  });

  it('sends nothing in clear when the URL requires TLS and the server has none', async () => {
    const server = await smtp();
    const error = await failure(
      mailer(`${server.url}?requireTLS=true`).send({ to: 'lan@example.org', subject: 'hello', text: 'hello' }),
    );
    expect(error).toMatchObject({ reason: 'tls', retryable: true });
    expect(server.asked).toEqual([]);
  });
});

describe('refusals', () => {
  it.each([
    { code: 550, retryable: false },
    { code: 450, retryable: true },
  ])('reports a recipient refused with $code, retryable: $retryable', async ({ code, retryable }) => {
    const server = await smtp({ refuse: (address) => (address === 'gone@example.org' ? code : undefined) });
    const error = await failure(mailer(server.url).send({ to: 'gone@example.org', subject: 'hello', text: 'hello' }));
    expect(error.message).toBe(`The mail could not be handed over: recipient (EENVELOPE ${code})`);
    expect({ ...error }).toEqual({
      name: 'MailUnavailableError',
      reason: 'recipient',
      retryable,
      code: 'EENVELOPE',
      responseCode: code,
    });
    expect(server.received).toEqual([]);
    expect(logged.join()).not.toContain('gone@');
  });

  it.each([
    'lan@example.org, eve@example.org',
    'lan@example.org\r\nBcc: eve@example.org',
    'lan@example.org\nRCPT TO:<eve@example.org>',
    'lan@example.org>\r\nRCPT TO:<eve@example.org',
    'Lan <lan@example.org>',
    '"lan@example.org eve"@example.org',
    'friends: lan@example.org, eve@example.org;',
    'lan@example.org\u0000',
    'lan@example.org\u2028eve@example.org',
    'lan@@example.org',
    'lan',
    '@example.org',
    '',
    `${'a'.repeat(250)}@example.org`,
  ])('refuses %j as a recipient before any server hears of it', async (to) => {
    const server = await smtp();
    const error = await failure(mailer(server.url).send({ to, subject: 'hello', text: 'hello' }));
    expect({ ...error }).toEqual({ name: 'MailUnavailableError', reason: 'address', retryable: false });
    expect(server.asked).toEqual([]);
  });

  it('keeps a subject with line breaks in one header', async () => {
    const server = await smtp();
    await mailer(server.url).send({
      to: 'lan@example.org',
      subject: 'hello\r\nBcc: eve@example.org\r\n\r\nbody',
      text: 'hello',
    });
    expect(server.received[0]).toMatchObject({
      subject: 'hello Bcc: eve@example.org body',
      text: 'hello',
      recipients: ['lan@example.org'],
    });
    expect(server.received[0]?.headers.bcc).toBeUndefined();
  });
});

describe('a server in trouble', () => {
  const message = { to: 'lan@example.org', subject: 'hello', text: 'hello' };

  async function rawServer(onConnection: (socket: Socket) => void): Promise<string> {
    const sockets = new Set<Socket>();
    const server: Server = createServer((socket) => {
      sockets.add(socket);
      socket.on('error', () => undefined);
      onConnection(socket);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    open.push({
      close: () =>
        new Promise((resolve) => {
          for (const socket of sockets) socket.destroy();
          server.close(() => resolve());
        }),
    });
    const address = server.address();
    return `smtp://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
  }

  it('reports a server that is away, and delivers when it is back', async () => {
    const first = await startSmtpServer();
    await first.close();
    const sender = mailer(first.url);
    const error = await failure(sender.send(message));
    expect({ ...error }).toEqual({
      name: 'MailUnavailableError',
      reason: 'connection',
      retryable: true,
      code: 'ECONNREFUSED',
    });

    const second = await smtp({ port: first.port });
    await sender.send(message);
    expect(second.received).toHaveLength(1);
  });

  it.each([
    { what: 'never greets', onConnection: () => undefined },
    { what: 'falls silent after the greeting', onConnection: (socket: Socket) => void socket.write('220 here\r\n') },
  ])('gives up on a server that $what', async ({ onConnection }) => {
    const url = await rawServer(onConnection);
    const error = await failure(mailer(url, 300).send(message));
    expect(error).toMatchObject({ reason: 'timeout', retryable: true });
  });

  it('gives up on a server that answers a byte at a time, and hangs up', async () => {
    let hungUp: Promise<void> | undefined;
    const url = await rawServer((socket) => {
      socket.write('220 here\r\n250-');
      const drip = setInterval(() => socket.write('x'), 50);
      hungUp = new Promise((resolve) => {
        socket.on('close', () => {
          clearInterval(drip);
          resolve();
        });
      });
    });
    const error = await failure(mailer(url, 300).send(message));
    expect(error).toMatchObject({ reason: 'timeout', retryable: true });
    await hungUp;
  });

  it('reports a server that is none', async () => {
    const url = await rawServer((socket) => void socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
    const error = await failure(mailer(url).send(message));
    expect(error).toBeInstanceOf(MailUnavailableError);
    expect(error.retryable).toBe(true);
  });

  it('reports a host name that does not exist', async () => {
    const error = await failure(mailer('smtp://mail.invalid:2525').send(message)); // RFC 6761, 6.4
    expect(error).toMatchObject({ reason: expect.stringMatching(/^(connection|timeout)$/), retryable: true });
  });
});
