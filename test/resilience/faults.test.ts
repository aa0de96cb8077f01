import { postgresHung } from '../drills/faults/postgres-hung';
import { postgresReadOnly } from '../drills/faults/postgres-read-only';
import { redisHung } from '../drills/faults/redis-hung';
import { runFault } from '../drills/faults/run-fault';
import { runKills } from '../drills/faults/run-kill';
import { holdLoad } from '../drills/load/load';
import { Stage } from '../drills/stage/stage';
import { describeWithPrivateRedis } from '../support/redis';

/** Of `npm run drill:faults` and `npm run drill:load` what takes seconds; how long anything takes, these measure. */
describeWithPrivateRedis('two processes under mixed traffic', () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await Stage.start();
  });
  afterAll(() => stage.close());

  test.each([redisHung, postgresHung, postgresReadOnly])(
    '$name: no wrong answer, and nothing confirmed is lost',
    async (fault) => {
      const result = await runFault(stage, fault, { seconds: 2, rate: 12 });
      expect(result.wrong).toEqual([]);
      if (fault.meanwhile === 'works') expect(result.unavailable).toBe(0);
      expect(result.unanswered).toBe(0);
    },
  );

  test('each restarted, and the change feeds cut: no wrong answer', async () => {
    const result = await holdLoad(stage, { seconds: 9, leastRestarts: 2, rate: 10, restartEveryS: 3, cutEveryS: 4 });
    expect(result.wrong).toEqual([]);
  });

  test('kill -9 in the middle of every kind of write: nothing confirmed is lost, and nothing half done', async () => {
    const results = await runKills(stage, { rounds: 1, lanes: 1 });
    expect(results.some(({ confirmed }) => confirmed > 0)).toBe(true);
    expect(results.some(({ done, undone }) => done + undone > 0)).toBe(true);
  });
});
