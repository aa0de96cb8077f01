import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { describeUnless } from '../support/describe-unless';
import { describeWithPrivateRedis } from '../support/redis';
import { redisServerMissing } from '../support/redis-server';
import { clockSteps } from './faults/clock-steps';
import type { Fault, ServersUnderFault } from './faults/fault';
import { embeddedFaults, faults } from './faults/index';
import { runLongStep } from './faults/long-step';
import { type FaultResult, runFault } from './faults/run-fault';
import { type KillResult, runKills } from './faults/run-kill';
import { clockMissing, ProcessClock } from './stage/clock';
import { EmbeddedStage, mountMissing } from './stage/embedded-stage';
import { Stage } from './stage/stage';

const RECOVERY_MS = 5000;
const RESULTS = path.join(__dirname, 'faults/results.json');
const recorded: { faults: (FaultResult & { boundMs: number })[]; kills: KillResult[] } = { faults: [], kills: [] };
const seconds = Number(process.env.FAULT_SECONDS ?? 8);

async function drill<S extends ServersUnderFault>(stage: S, fault: Fault<S>): Promise<FaultResult> {
  const result = await runFault(stage, fault, { seconds, rate: 40 });
  process.stdout.write(`${JSON.stringify(result)}\n`);
  expect(result.wrong).toEqual([]);
  if (fault.meanwhile === 'works') expect(result.unavailable).toBe(0);
  expect(result.unanswered).toBe(0);
  expect(result.slowestMs).toBeLessThan(fault.boundMs);
  expect(result.backAfterMs).toBeLessThan(fault.recoveryMs ?? RECOVERY_MS);
  recorded.faults.push({ ...result, boundMs: fault.boundMs });
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
    recorded.kills = results;
  });
});

describeUnless(clockMissing() ?? redisServerMissing(), 'steps of the clock', () => {
  let stage: Stage;
  let clock: ProcessClock;
  beforeAll(async () => {
    clock = new ProcessClock();
    stage = await Stage.start({ env: clock.env });
  });
  afterAll(() => stage.close());

  test.each([0, 1])('of seconds, under traffic (%#)', async (which) => {
    await drill(stage, clockSteps(clock)[which]!);
  });

  test('of an hour: tokens expire by it, sessions go on, and what was revoked stays so', () =>
    runLongStep(stage, clock));
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

/** Rows of faults that were not chosen stay as they are. */
afterAll(() => {
  if (process.env.FAULTS_RECORD !== '1') return;
  const before: typeof recorded = fs.existsSync(RESULTS) ? JSON.parse(fs.readFileSync(RESULTS, 'utf8')) : recorded;
  const kept = before.faults.map((row) => recorded.faults.find(({ name }) => name === row.name) ?? row);
  const added = recorded.faults.filter(({ name }) => !kept.some((row) => row.name === name));
  const [otherLoad] = os.loadavg();
  const result = {
    date: new Date().toISOString().slice(0, 10),
    cores: os.availableParallelism(),
    node: process.version,
    loadAverage: Math.round(otherLoad!),
    seconds,
    faults: [...kept, ...added],
    kills: recorded.kills.length > 0 ? recorded.kills : before.kills,
  };
  fs.writeFileSync(RESULTS, `${JSON.stringify(result, null, 2)}\n`);
});
