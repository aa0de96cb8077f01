import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { describeWithPrivateRedis } from '../support/redis';
import { holdLoad } from './load/load';
import { Stage } from './stage/stage';

/** Set by load.mjs. */
const MINUTES = Number(process.env.LOAD_MINUTES ?? 1);
const MAX_RATE = Number(process.env.LOAD_MAX_RATE ?? Number.POSITIVE_INFINITY);
const RESULTS = path.join(__dirname, 'load/results.json');

describeWithPrivateRedis('load held', () => {
  test('for a long time, through restarts and cuts, without a wrong answer', async () => {
    const [otherLoad] = os.loadavg();
    const stage = await Stage.start({ env: { BCRYPT_COST: '10' } });
    const held = await holdLoad(stage, {
      seconds: MINUTES * 60,
      maxRate: MAX_RATE,
      restartEveryS: 30,
      cutEveryS: 20,
      report: (line) => process.stdout.write(`${line}\n`),
    });
    await stage.close();
    const result = {
      date: new Date().toISOString().slice(0, 10),
      cores: os.availableParallelism(),
      node: process.version,
      otherLoad: Math.round(otherLoad! * 10) / 10,
      minutes: MINUTES,
      ...held,
    };
    const text = JSON.stringify(result, null, 2);
    process.stdout.write(`${text}\n`);
    expect(held.wrong).toEqual([]);
    if (process.env.LOAD_RECORD === '1') fs.writeFileSync(RESULTS, `${text}\n`);
  }, 7_200_000);
});
