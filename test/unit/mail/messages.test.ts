import { emailVerificationMail, passwordResetMail } from '../../../src/integrations/mail/messages';
import { emailChangedMail, newDeviceMail, passwordChangedMail } from '../../../src/integrations/mail/notices';

const to = 'lan@example.org';

describe('the mail with a reset code', () => {
  it('names the code, its life and what to do, in English', () => {
    expect(passwordResetMail({ to, name: 'Lan', code: '004217', language: 'en' })).toEqual({
      to,
      subject: 'Your code to reset the password',
      text: [
        'Hello Lan,',
        'We were asked to reset the password of your account. This is your code:',
        '    004217',
        'It is valid for 5 minutes and can be used once.',
        'If you did not ask for it, ignore this mail and nothing changes. Never give the code to anyone.\n',
      ].join('\n\n'),
      html: [
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Your code to reset the password</title></head>',
        '<body style="font-family:sans-serif;line-height:1.5;overflow-wrap:anywhere">',
        '<p>Hello Lan,</p>',
        '<p>We were asked to reset the password of your account. This is your code:</p>',
        '<p style="font-size:2em;letter-spacing:.2em"><strong>004217</strong></p>',
        '<p>It is valid for 5 minutes and can be used once.</p>',
        '<p>If you did not ask for it, ignore this mail and nothing changes. Never give the code to anyone.</p>',
        '</body></html>',
      ].join('\n'),
    });
  });

  it('is written in Vietnamese', () => {
    expect(passwordResetMail({ to, name: 'Nguyễn Thị Lan', code: '004217', language: 'vi' })).toMatchObject({
      subject: 'Mã đặt lại mật khẩu của bạn',
      text: [
        'Xin chào Nguyễn Thị Lan,',
        'Chúng tôi nhận được yêu cầu đặt lại mật khẩu cho tài khoản của bạn. Mã của bạn là:',
        '    004217',
        'Mã có hiệu lực trong 5 phút và chỉ dùng được một lần.',
        'Nếu bạn không yêu cầu, hãy bỏ qua thư này, mật khẩu của bạn vẫn giữ nguyên. Đừng đưa mã này cho bất kỳ ai.\n',
      ].join('\n\n'),
      html: expect.stringContaining('<html lang="vi">'),
    });
  });

  it('keeps the code out of the subject, which locked screens show', () => {
    expect(passwordResetMail({ to, code: '004217', language: 'en' }).subject).not.toContain('004217');
  });

  it.each(['12345', '1234567', '12345a', '<b>123', '123456\n', '１２３４５６'])('refuses %j as a code', (code) => {
    expect(() => passwordResetMail({ to, code, language: 'en' })).toThrow(
      new RangeError('A mailed code has six digits'),
    );
  });

  it('writes one minute in the singular', () => {
    expect(passwordResetMail({ to, code: '004217', language: 'en', validMinutes: 1 }).text).toContain(
      'valid for 1 minute and',
    );
  });
});

describe('the name in a mail', () => {
  const greeting = (name: string | null | undefined) =>
    passwordResetMail({ to, name, code: '004217', language: 'en' }).text.split('\n')[0];

  it.each([
    [undefined, 'Hello,'],
    [null, 'Hello,'],
    ['  ', 'Hello,'],
    ["  Seán\u00a0O'Brien-Ng\t", "Hello Seán O'Brien-Ng,"],
    ['J. R. R. Tolkien', 'Hello J. R. R. Tolkien,'],
    ['Lan\r\nSubject: hello', 'Hello,'],
    ['Lan\r\n\r\nYour code is wrong, call us', 'Hello Lan Your code is wrong, call us,'],
    ['You won! https://evil.example/', 'Hello,'],
    ['see evil.example now', 'Hello,'],
    ['write to eve@evil', 'Hello,'],
    ['x'.repeat(64), `Hello ${'x'.repeat(64)},`],
    ['x'.repeat(65), 'Hello,'],
    ['a\u202etxet', 'Hello a txet,'],
  ])('greets %j with %j', (name, line) => {
    expect(greeting(name)).toBe(line);
  });

  it('is escaped in html', () => {
    const { html, text } = passwordResetMail({
      to,
      name: '<img src=x onerror="alert(1)">&\'',
      code: '004217',
      language: 'en',
    });
    expect(html).toContain('<p>Hello &lt;img src=x onerror=&quot;alert(1)&quot;&gt;&amp;&#39;,</p>');
    expect(html).not.toContain('<img');
    expect(text).toContain('Hello <img src=x onerror="alert(1)">&\',');
  });
});

describe('the mail that verifies an address', () => {
  it('holds the code and the link', () => {
    const link = 'https://id.example.org/verify?token=a%22b&user=1';
    const mail = emailVerificationMail({ to, code: '998877', link, language: 'en', validMinutes: 10 });
    expect(mail).toMatchObject({
      subject: 'Confirm your e-mail address',
      text: [
        'Hello,',
        'Please confirm that this e-mail address is yours. This is your code:',
        '    998877',
        'Or open this link:',
        link,
        'Both are valid for 10 minutes and can be used once.',
        'If you have no account with us, ignore this mail.\n',
      ].join('\n\n'),
    });
    expect(mail.html).toContain(
      '<p><a href="https://id.example.org/verify?token=a%22b&amp;user=1">https://id.example.org/verify?token=a%22b&amp;user=1</a></p>',
    );
  });

  it('is written in Vietnamese', () => {
    expect(
      emailVerificationMail({ to, name: 'Lan', code: '998877', link: 'http://localhost:3000/v', language: 'vi' }),
    ).toMatchObject({
      subject: 'Xác nhận địa chỉ e-mail của bạn',
      text: [
        'Xin chào Lan,',
        'Vui lòng xác nhận rằng địa chỉ e-mail này là của bạn. Mã của bạn là:',
        '    998877',
        'Hoặc mở liên kết này:',
        'http://localhost:3000/v',
        'Mã và liên kết có hiệu lực trong 5 phút và chỉ dùng được một lần.',
        'Nếu bạn không có tài khoản với chúng tôi, hãy bỏ qua thư này.\n',
      ].join('\n\n'),
    });
  });

  it.each(['javascript:alert(1)', 'data:text/html,x', '/verify', 'id.example.org/verify', ''])(
    'refuses %j as a link',
    (link) => {
      expect(() => emailVerificationMail({ to, code: '998877', link, language: 'en' })).toThrow(
        new TypeError('A mailed link must be an absolute http or https URL'),
      );
    },
  );

  it('cannot be broken out of by the link', () => {
    const { html } = emailVerificationMail({
      to,
      code: '998877',
      link: 'https://x.example/"><script>alert(1)</script>',
      language: 'en',
    });
    expect(html).not.toContain('<script');
  });
});

describe('the notice of a changed password', () => {
  const occasion = { at: new Date('2025-01-02T03:04:05.678Z'), address: '203.0.113.7' };

  it('names time and address, in English', () => {
    expect(passwordChangedMail({ to, name: 'Lan', ...occasion, language: 'en' })).toMatchObject({
      subject: 'Your password was changed',
      text: [
        'Hello Lan,',
        'The password of your account was changed on 2025-01-02 at 03:04:05 UTC, from 203.0.113.7. Other devices were signed out.',
        'If it was not you, reset your password at once and tell your administrator.\n',
      ].join('\n\n'),
    });
  });

  it('names time and address, in Vietnamese', () => {
    expect(passwordChangedMail({ to, name: 'Lan', ...occasion, language: 'vi' })).toMatchObject({
      subject: 'Mật khẩu của bạn đã được thay đổi',
      text: [
        'Xin chào Lan,',
        'Mật khẩu tài khoản của bạn đã được thay đổi ngày 02/01/2025 lúc 03:04:05 UTC, từ 203.0.113.7. Các thiết bị khác đã bị đăng xuất.',
        'Nếu không phải bạn, hãy đặt lại mật khẩu ngay và báo cho quản trị viên.\n',
      ].join('\n\n'),
    });
  });

  it('shows the user agent of a new device as text', () => {
    const { text, html } = newDeviceMail({ to, ...occasion, language: 'en', device: '<b>Firefox</b>' });
    expect(text).toContain('on 2025-01-02 at 03:04:05 UTC, from 203.0.113.7: <b>Firefox</b>');
    expect(html).toContain('&lt;b&gt;Firefox&lt;/b&gt;');
  });

  it('does not name the new address to the old one', () => {
    expect(emailChangedMail({ to, ...occasion, language: 'en' }).text).not.toContain('@');
  });
});
