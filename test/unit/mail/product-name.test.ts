import type { Mailer, MailMessage } from '../../../src/integrations/mail/mailer';
import { passwordResetMail } from '../../../src/integrations/mail/messages';
import { namedSender, signMails } from '../../../src/integrations/mail/product-name';

test('mails end with the name of the product, which HTML escapes', async () => {
  const sent: MailMessage[] = [];
  const mailer: Mailer = {
    send: async (message) => void sent.push(message),
    isHealthy: async () => true,
    close: async () => undefined,
  };
  const message = passwordResetMail({ to: 'a@example.org', code: '004217', language: 'en' });
  await signMails(mailer, 'Nam & $& Sons').send(message);
  expect(sent[0]).toEqual({
    ...message,
    text: `${message.text}\nNam & $& Sons\n`,
    html: message.html!.replace('</body>', () => '<p>Nam &amp; $&amp; Sons</p>\n</body>'),
  });
});

test.each([
  ['identity@localhost', 'EduFinAI', 'EduFinAI <identity@localhost>'],
  ['Support <identity@localhost>', 'EduFinAI', 'Support <identity@localhost>'],
  ['identity@localhost', '', 'identity@localhost'],
])('the sender %s of the product "%s" is %s', (from, productName, expected) => {
  expect(namedSender(from, productName)).toBe(expected);
});
