import { parseMailbox } from '../../../src/integrations/mail/address';
import { parseSmtpUrl } from '../../../src/integrations/mail/smtp-url';

const plain = { secure: false, requireTLS: false, ignoreTLS: false, rejectUnauthorized: true };

describe('the SMTP URL', () => {
  it.each([
    ['smtp://mail.example.org', { ...plain, host: 'mail.example.org', port: 587 }],
    ['smtp://mail.example.org:25/', { ...plain, host: 'mail.example.org', port: 25 }],
    ['smtps://mail.example.org', { ...plain, host: 'mail.example.org', port: 465, secure: true }],
    ['smtp://[::1]:1025', { ...plain, host: '::1', port: 1025 }],
    ['smtp://mail.example.org?ignoreTLS=true', { ...plain, host: 'mail.example.org', port: 587, ignoreTLS: true }],
    [
      'smtps://mail.example.org?tls.rejectUnauthorized=false',
      { ...plain, host: 'mail.example.org', port: 465, secure: true, rejectUnauthorized: false },
    ],
    ['smtp://localhost:1025?requireTLS=true', { ...plain, host: 'localhost', port: 1025, requireTLS: true }],
  ])('reads %s', (url, expected) => {
    expect(parseSmtpUrl(url)).toEqual(expected);
  });

  it.each([
    ['smtp://user:p%40ss@mail.example.org', true],
    ['smtp://user:p%40ss@127.0.0.1', false],
    ['smtp://user:p%40ss@localhost', false],
    ['smtp://user:p%40ss@mail.example.org?requireTLS=false', false],
    ['smtp://user:p%40ss@mail.example.org?ignoreTLS=true', false],
    ['smtps://user:p%40ss@mail.example.org', false],
  ])('lets a password out in clear only on this machine or on demand: %s requires STARTTLS: %s', (url, requireTLS) => {
    expect(parseSmtpUrl(url)).toMatchObject({ requireTLS, auth: { user: 'user', pass: 'p@ss' } });
  });

  it.each([
    ['http://user:secret@mail.example.org', 'The SMTP URL must start with smtp:// or smtps://'],
    ['user:secret@mail.example.org', 'The SMTP URL must start with smtp:// or smtps://'],
    ['smtp://', 'The SMTP URL names no host'],
    ['smtp://user:secret@mail.example.org/path', 'The SMTP URL must end after host and port'],
    ['smtp://user:%zzsecret@mail.example.org', 'User and password in the SMTP URL must be percent-encoded'],
    [
      'smtp://user:secret@mail.example.org?logger=true',
      'The SMTP URL may only set requireTLS, ignoreTLS, tls.rejectUnauthorized',
    ],
    ['smtp://user:secret@mail.example.org?requireTLS=yes', 'requireTLS in the SMTP URL must be true or false'],
  ])('refuses %s without repeating it', (url, message) => {
    expect(() => parseSmtpUrl(url)).toThrow(new Error(message));
  });
});

describe('the sender', () => {
  it.each([
    ['no-reply@example.org', { name: '', address: 'no-reply@example.org' }],
    ['Identity <no-reply@example.org>', { name: 'Identity', address: 'no-reply@example.org' }],
    ['"Đăng nhập, bảo mật" <no-reply@example.org>', { name: 'Đăng nhập, bảo mật', address: 'no-reply@example.org' }],
  ])('reads %s', (text, mailbox) => {
    expect(parseMailbox(text)).toEqual(mailbox);
  });

  it.each([
    '',
    'Identity',
    'a@example.org, b@example.org',
    'Identity\r\nBcc: x@example.org <a@example.org>',
    'Identity <a@example.org> <b@example.org>',
  ])('refuses %j', (text) => {
    expect(() => parseMailbox(text)).toThrow(
      new Error('The sender of mails must look like no-reply@example.org or Identity <no-reply@example.org>'),
    );
  });
});
