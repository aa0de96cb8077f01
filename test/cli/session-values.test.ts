import { createClient } from 'redis';
import { describeWithRedis } from '../support/redis';
import { account, OTHER_HASH, openWorkplace } from './support';

describeWithRedis('an update, with Redis', (redis) => {
  test('takes away the session values of users whose sessions it ends, and no others', async () => {
    const place = await openWorkplace();
    const client = createClient({ url: redis.url });
    await client.connect();
    try {
      await place.import([place.ndjson([account('anna'), account('berta'), account('carla')])]);
      await place.sql(
        `insert into sessions (user_id, channel, idle_until, expires_at) select id, 'graphql', now() + '1 h', now() + '1 h' from users`,
      );
      const users = await place.sql<{ id: string; username: string }>(
        'select id, username from users order by username',
      );
      for (const { id } of users) await client.set(`session:${id}`, '{}');
      const rows = [
        account('anna', { isActive: false }),
        account('berta', { passwordHash: OTHER_HASH }),
        account('carla', { phone: '0901234567' }),
      ];
      await place.import([place.ndjson(rows), '--on-conflict', 'update'], { env: { REDIS_URL: redis.url } });
      const left = await Promise.all(users.map(({ id }) => client.exists(`session:${id}`)));
      expect(left).toEqual([0, 0, 1]);
    } finally {
      client.destroy();
      await place.close();
    }
  });
});
