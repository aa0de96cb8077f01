import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { DevelopmentMailer } from '../../../src/integrations/mail/development-mailer';
import { MailUnavailableError } from '../../../src/integrations/mail/mail-unavailable.error';
import { openMailer } from '../../../src/integrations/mail/open-mailer';
import { SmtpMailer } from '../../../src/integrations/mail/smtp-mailer';
import { readMail } from '../../fakes/smtp/smtp';

const clock = { now: () => new Date('2025-01-02T03:04:05.678Z') };
const message = { to: 'lan@example.org', subject: 'Mã của bạn', text: 'Mã của bạn là 004217', html: '<p>004217</p>' };
let logged: Record<string, unknown>[];
let root: string;
const logger = pino({ base: null, timestamp: false }, { write: (line: string) => void logged.push(JSON.parse(line)) });

beforeEach(async () => {
  logged = [];
  root = await mkdtemp(join(tmpdir(), 'mails-'));
});

afterEach(async () => {
  await rm(root, { recursive: true });
});

it('writes each mail as a file for its owner only, and logs its path in one line', async () => {
  const folder = join(root, 'deep', 'mails');
  const mailer = new DevelopmentMailer({ folder, logger, clock, showText: false });
  await mailer.send(message);

  const [name = '', ...others] = await readdir(folder);
  expect(others).toEqual([]);
  expect(name).toMatch(/^2025-01-02T03-04-05-678Z-[0-9a-f]{8}\.eml$/);
  const file = join(folder, name);
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  expect((await stat(folder)).mode & 0o777).toBe(0o700);
  expect(logged).toEqual([{ level: 30, file, msg: `A mail was written to ${file}` }]);

  const mail = readMail(await readFile(file));
  expect(mail).toMatchObject({ subject: message.subject, text: message.text, html: message.html });
  expect(mail.headers.to).toEqual(['lan@example.org']);
  expect(mail.headers.date).toEqual(['Thu, 02 Jan 2025 03:04:05 +0000']);
});

it('logs the text where that is configured', async () => {
  const mailer = new DevelopmentMailer({ folder: root, logger, clock, showText: true });
  await mailer.send(message);
  const file = join(root, (await readdir(root))[0] ?? '');
  expect(logged).toEqual([
    {
      level: 30,
      file,
      to: message.to,
      subject: message.subject,
      text: message.text,
      msg: `A mail was written to ${file}`,
    },
  ]);
});

it('keeps mails of the same instant apart', async () => {
  const mailer = new DevelopmentMailer({ folder: root, logger, clock, showText: false });
  await Promise.all(Array.from({ length: 20 }, () => mailer.send(message)));
  expect(await readdir(root)).toHaveLength(20);
});

it('refuses a recipient that would become two, and writes nothing', async () => {
  const mailer = new DevelopmentMailer({ folder: root, logger, clock, showText: true });
  await expect(mailer.send({ ...message, to: 'lan@example.org\r\nBcc: eve@example.org' })).rejects.toEqual(
    new MailUnavailableError({ reason: 'address', retryable: false }),
  );
  expect(await readdir(root)).toEqual([]);
  expect(logged).toEqual([]);
});

it('reports a folder that cannot be written', async () => {
  const folder = join(root, 'file');
  await writeFile(folder, 'not a folder');
  const mailer = new DevelopmentMailer({ folder, logger, clock, showText: true });
  await expect(mailer.send(message)).rejects.toMatchObject({
    name: 'MailUnavailableError',
    reason: 'folder',
    retryable: true,
    code: 'EEXIST',
  });
  expect(JSON.stringify(logged)).not.toContain('004217');
});

it('takes no mail after close', async () => {
  const mailer = new DevelopmentMailer({ folder: root, logger, clock, showText: false });
  await mailer.close();
  await expect(mailer.send(message)).rejects.toMatchObject({ reason: 'closed' });
});

it('is opened without an SMTP URL only', async () => {
  const options = { from: 'no-reply@example.org', folder: root, showText: false, logger, clock };
  expect(openMailer(options)).toBeInstanceOf(DevelopmentMailer);
  expect(openMailer({ ...options, smtpUrl: '' })).toBeInstanceOf(DevelopmentMailer);
  expect(openMailer({ ...options, smtpUrl: 'smtp://127.0.0.1:1' })).toBeInstanceOf(SmtpMailer);
  expect(() => openMailer({ ...options, smtpUrl: 'user:secret@mail' })).toThrow(
    new Error('The SMTP URL must start with smtp:// or smtps://'),
  );
});
