import { type FakeKong, startFakeKong } from '../fakes/kong/fake-kong';
import { eventually } from '../fakes/kong/kong-world';
import { startSmtpServer } from '../fakes/smtp/smtp';
import { startApp, type TestApp } from '../support/app';

let kong: FakeKong;
let app: TestApp;
afterEach(async () => {
  await app.close();
  await kong.stop();
});

const ready = async () => {
  const response = await fetch(`${app.origin}/health/ready`);
  const { dependencies } = (await response.json()) as { dependencies: Record<string, 'up' | 'down'> };
  return { status: response.status, down: Object.keys(dependencies).filter((name) => dependencies[name] === 'down') };
};

test('is ready, and names Kong and the mail server, while they are away', async () => {
  kong = await startFakeKong();
  kong.stopDatabase();
  app = await startApp({ env: { KONG_ADMIN_URL: kong.adminUrl, SMTP_URL: 'smtp://127.0.0.1:1' } });
  expect(await ready()).toEqual({ status: 200, down: ['kong', 'smtp'] });
  kong.startDatabase();
  await eventually(ready, ({ down }) => !down.includes('kong'), 30_000);
  expect(await ready()).toEqual({ status: 200, down: ['smtp'] });
}, 60_000);

test('names neither while both are there, and answers although Kong hangs', async () => {
  kong = await startFakeKong();
  const smtp = await startSmtpServer();
  app = await startApp({ env: { KONG_ADMIN_URL: kong.adminUrl, SMTP_URL: smtp.url } });
  expect(await ready()).toEqual({ status: 200, down: [] });
  kong.hang();
  await eventually(ready, ({ down }) => down.includes('kong'), 30_000);
  kong.resume();
  await smtp.close();
}, 60_000);
