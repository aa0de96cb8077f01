import Fastify from 'fastify';
import { rejectUnderPressure } from '../../src/http/pressure';

test('while the heap is nearly full requests get 503, health checks are answered, and afterwards all is well', async () => {
  let share = 0.1;
  const app = Fastify();
  rejectUnderPressure(app, () => share);
  app.get('/graphql', async () => 'ok');
  app.get('/health/live', async () => 'ok');
  const statusOf = async (url: string) => (await app.inject(url)).statusCode;
  const becomes = async (status: number) => {
    while ((await statusOf('/graphql')) !== status) await new Promise((resolve) => setTimeout(resolve, 20));
  };

  await becomes(200);
  share = 0.9;
  await becomes(503);
  expect(await statusOf('/health/live')).toBe(200);
  share = 0.1;
  await becomes(200);
  await app.close();
});
