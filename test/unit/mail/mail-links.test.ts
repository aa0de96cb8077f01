import { mailLinks } from '../../../src/services/recovery/mail-links';

const linksOf = (publicUrl: string, hasConsole: boolean) => {
  const links = mailLinks(publicUrl, { hasConsole });
  return [links.emailVerification('t-1'), links.invitation('t-1'), links.passwordReset('a+b@example.org')];
};

test('links open the pages of the console where it is served, also behind a path prefix', () => {
  expect(linksOf('https://id.example.org/identity/', true)).toEqual([
    'https://id.example.org/identity/console/verify-email?token=t-1',
    'https://id.example.org/identity/console/invitation?token=t-1',
    'https://id.example.org/identity/console/forgot-password#a%2Bb%40example.org',
  ]);
});

test('without it they open the pages of the server, and there is none for a code', () => {
  expect(linksOf('https://id.example.org', false)).toEqual([
    'https://id.example.org/verify-email?token=t-1',
    'https://id.example.org/accept-invitation?token=t-1',
    null,
  ]);
});
