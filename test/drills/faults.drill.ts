import { describeWithPrivateRedis } from '../support/redis';
import { faults } from './faults';
import { type FaultResult, runFault } from './faults/run-fault';
import { Stage } from './stage/stage';

const ONLY = process.env.FAULT_ONLY ?? '';
const chosen = faults.filter(({ name }) => name.includes(ONLY));

describeWithPrivateRedis('faults', () => {
  let stage: Stage;
  const results: FaultResult[] = [];
  beforeAll(async () => {
    stage = await Stage.start({ postgres: { max_connections: '40' } });
  });
  afterAll(() => stage.close());

  test.each(chosen)('$name', async (fault) => {
    const result = await runFault(stage, fault, { seconds: Number(process.env.FAULT_SECONDS ?? 8), rate: 40 });
    results.push(result);
    process.stdout.write(`${JSON.stringify(result)}\n`);
    expect(result.wrong).toEqual([]);
    if (fault.meanwhile === 'works') expect(result.unavailable).toBe(0);
    expect(result.unanswered).toBe(0);
    expect(result.slowestMs).toBeLessThan(fault.boundMs);
    expect(result.backAfterMs).toBeLessThan(5000);
  });
});
