import { setTimeout as pause } from 'node:timers/promises';
import type { Stage } from '../stage/stage';
import { Traffic } from './traffic';

export interface LoadOptions {
  seconds: number;
  /** It goes on until so many servers were restarted, on a machine of any speed. */
  leastRestarts?: number;
  /** Ticks a second; by default 80 % of what the servers carry. */
  rate?: number;
  /** The most ticks a second, where the machine has other work. */
  maxRate?: number;
  /** Between two restarts, of the servers in turn. */
  restartEveryS: number;
  /** Between two cuts: of Redis or of the change feeds. */
  cutEveryS: number;
  /** Called after each restart. */
  report?: (line: string) => void;
}

export interface LoadResult {
  capacity: number | null;
  rate: number;
  requests: number;
  /** Of sessions, tokens, passwords, roles and accounts. */
  changes: number;
  wrong: string[];
  /** Requests that a client sent again. */
  repeated: number;
  restarts: number;
  cuts: number;
  p99Ms: number;
  slowestMs: number;
  /** Of each server, each time that it had served until its restart. */
  memoryMb: number[];
}

/** Mixed traffic while servers are restarted, and Redis and the change feeds are cut. */
export async function holdLoad(stage: Stage, options: LoadOptions): Promise<LoadResult> {
  const traffic = await Traffic.start(stage.servers);
  const { answers } = traffic;
  const capacity = options.rate === undefined ? await traffic.capacity() : null;
  const rate = Math.min(options.rate ?? capacity! * 0.8, options.maxRate ?? Infinity);
  const startedAt = performance.now();
  let restarts = 0;
  const isOver = () =>
    performance.now() - startedAt > options.seconds * 1000 && restarts >= (options.leastRestarts ?? 0);
  const memoryMb: number[] = [];
  const [, , cuts] = await Promise.all([
    traffic.hold(rate, isOver),
    every(options.restartEveryS, isOver, async (turn) => {
      const index = turn % stage.servers.length;
      memoryMb.push(stage.memory()[index]!);
      answers.wrong.push(...stage.unexpectedOf(index));
      await stage.restart(index);
      restarts++;
      const minutes = ((performance.now() - startedAt) / 60_000).toFixed(1);
      const seen = `${answers.samples.length} requests, ${traffic.changes} changes, ${answers.repeated} repeated`;
      options.report?.(`${minutes} min: ${seen}, wrong: ${JSON.stringify(answers.wrong)}`);
    }),
    every(options.cutEveryS, isOver, (turn) => cut(stage, turn)),
  ]);
  await traffic.finish();
  answers.wrong.push(...stage.servers.flatMap((_, index) => stage.unexpectedOf(index)));
  const times = answers
    .since(startedAt)
    .map(({ ms }) => ms)
    .sort((a, b) => a - b);
  return {
    capacity,
    rate,
    requests: times.length,
    changes: traffic.changes,
    wrong: answers.wrong,
    repeated: answers.repeated,
    restarts,
    cuts,
    p99Ms: times[Math.floor(times.length * 0.99)] ?? 0,
    slowestMs: times.at(-1) ?? 0,
    memoryMb,
  };
}

async function cut(stage: Stage, turn: number): Promise<void> {
  const cuts = [
    () => stage.postgres.cutFeeds(),
    async () => {
      await stage.redis.stop();
      await pause(2000);
      await stage.redis.start();
    },
    () => stage.redis.flush(),
    async () => {
      stage.redis.pause();
      await pause(2000);
      stage.redis.resume();
    },
  ];
  await cuts[turn % cuts.length]!();
}

/** @returns how often it was done */
async function every(seconds: number, isOver: () => boolean, work: (turn: number) => Promise<void>): Promise<number> {
  let turn = 0;
  for (let next = performance.now() + seconds * 1000; ; next += seconds * 1000) {
    while (performance.now() < next && !isOver()) await pause(50);
    if (isOver()) return turn;
    await work(turn++);
  }
}
