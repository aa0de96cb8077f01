import { randomBytes } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { eventually } from '../../support/eventually';
import type { Stage } from '../stage/stage';
import { prepareWrites, writes } from './writes';

export interface KillResult {
  name: string;
  confirmed: number;
  /** Without an answer, and found done afterwards. */
  done: number;
  /** Without an answer, and found undone. */
  undone: number;
}

/** Over so long the writes begin: some are over, some under way and some to come when the server is killed. */
const SPREAD_MS = 400;

/**
 * Kills the second server of a stage in the middle of every kind of write, and looks at what is
 * there. @throws Error when a confirmed write is lost, or one is half done
 */
export async function runKills(stage: Stage, { rounds, lanes }: { rounds: number; lanes: number }) {
  await prepareWrites(stage);
  const results = writes.map(({ name }): KillResult => ({ name, confirmed: 0, done: 0, undone: 0 }));
  const run = randomBytes(3).toString('hex');
  for (let round = 0; round < rounds; round++) {
    await stage.redis.flush(); // limits of rounds before
    const prepared = [];
    for (const [kind, write] of writes.entries())
      for (let lane = 0; lane < lanes; lane++)
        prepared.push({ kind, write: await write.prepare(stage, `kill-${run}-${round}-${kind}-${lane}`) });
    const [stays, killed] = stage.servers as [Stage['servers'][0], Stage['servers'][0]];
    let confirmed = 0;
    let failed = false;
    const killAt = Math.floor(((round + 0.5) / rounds) * prepared.length * 0.7);
    const sent = prepared.map(async ({ kind, write }) => {
      await pause(Math.random() * SPREAD_MS);
      const isConfirmed = await write.send(killed).then(
        () => {
          confirmed++;
          return true;
        },
        (error: Error) => {
          if (error instanceof TypeError) return false; // fetch: there is no answer
          failed = true;
          throw error;
        },
      );
      return { kind, write, isConfirmed };
    });
    await eventually('enough are confirmed', () => confirmed >= killAt || failed);
    await Promise.all([stage.restart(1, 'SIGKILL'), ...sent]);
    for (const { kind, write, isConfirmed } of await Promise.all(sent)) {
      const isDone = await write.isDone(stays);
      if (isConfirmed && !isDone) throw new Error(`${results[kind]!.name}: confirmed, and lost`);
      results[kind]![isConfirmed ? 'confirmed' : isDone ? 'done' : 'undone']++;
    }
  }
  return results;
}
