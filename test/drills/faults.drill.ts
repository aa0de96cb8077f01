import { describeUnless } from '../support/describe-unless';
import { describeWithPrivateRedis } from '../support/redis';
import { embeddedFaults, faults } from './faults/index';
import type { Fault, ServersUnderFault } from './faults/fault';
import { type FaultResult, runFault } from './faults/run-fault';
import { runKills } from './faults/run-kill';
import { EmbeddedStage, mountMissing } from './stage/embedded-stage';
import { Stage } from './stage/stage';

const RECOVERY_MS = 5000;
const seconds = Number(process.env.FAULT_SECONDS ?? 8);

async function drill<S extends ServersUnderFault>(stage: S, fault: Fault<S>): Promise<FaultResult> {
  const result = await runFault(stage, fault, { seconds, rate: 40 });
  process.stdout.write(`${JSON.stringify(result)}\n`);
  expect(result.wrong).toEqual([]);
  if (fault.meanwhile === 'works') expect(result.unavailable).toBe(0);
  expect(result.unanswered).toBe(0);
  expect(result.slowestMs).toBeLessThan(fault.boundMs);
  expect(result.backAfterMs).toBeLessThan(RECOVERY_MS);
  return result;
}

describeWithPrivateRedis('faults', () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await Stage.start({ postgres: { max_connections: '60' } });
  });
  afterAll(() => stage.close());

  test.each(faults)('$name', async (fault) => {
    await drill(stage, fault);
  });

  test('kill -9 in the middle of every kind of write', async () => {
    const results = await runKills(stage, { rounds: Number(process.env.KILL_ROUNDS ?? 10), lanes: 3 });
    process.stdout.write(`${JSON.stringify(results)}\n`);
  });
});

describeUnless(mountMissing(), 'faults of an embedded PostgreSQL', () => {
  let stage: EmbeddedStage;
  beforeAll(async () => {
    stage = await EmbeddedStage.start();
  });
  afterAll(() => stage.close());

  test.each(embeddedFaults)('$name', async (fault) => {
    await drill(stage, fault);
  });
});
