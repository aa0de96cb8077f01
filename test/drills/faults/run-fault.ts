import { setTimeout as pause } from 'node:timers/promises';
import { eventually } from '../../support/eventually';
import { Traffic } from '../load/traffic';
import type { Fault, ServersUnderFault } from './fault';

export interface FaultOptions {
  /** How long the fault lasts. */
  seconds: number;
  /** Ticks a second. */
  rate: number;
}

export interface FaultResult {
  name: string;
  /** Requests that were sent while it lasted. */
  requests: number;
  /** Of these, those that were told to try again. */
  unavailable: number;
  /** Of these, those whose connection ended without an answer. */
  unanswered: number;
  /** Of these, in milliseconds. */
  slowestMs: number;
  /** Between the end of the fault and the last request that was not decided, in milliseconds. */
  backAfterMs: number;
  wrong: string[];
}

const WARM_MS = 1500;
/** For the servers to recover by themselves. */
const RECOVERY_MS = 5000;

/** Lets a fault happen under mixed traffic, and compares every answer with what is true. */
export async function runFault<S extends ServersUnderFault>(
  stage: S,
  fault: Fault<S>,
  { seconds, rate }: FaultOptions,
): Promise<FaultResult> {
  const traffic = await Traffic.start(stage.servers, 6);
  const { answers } = traffic;
  let isOver = false;
  const holding = traffic.hold(rate, () => isOver);
  await pause(WARM_MS);
  const begun = performance.now();
  await fault.inflict(stage);
  await pause(seconds * 1000);
  await fault.mend(stage);
  const ended = performance.now();
  await Promise.all([...stage.servers.map((server) => untilReady(server.origin)), fault.untilBack?.(stage)]);
  const readyAfterMs = performance.now() - ended;
  await pause(Math.max(0, RECOVERY_MS / 2 - readyAfterMs));
  isOver = true;
  await holding;
  await traffic.finish();
  answers.wrong.push(...stage.servers.flatMap((_, index) => stage.unexpectedOf(index)));
  const during = answers.samples.filter(({ sentAt, ms }) => sentAt + ms >= begun && sentAt <= ended);
  const undecided = answers.samples.filter(({ outcome }) => outcome !== 'answered');
  return {
    name: fault.name,
    requests: during.length,
    unavailable: during.filter(({ outcome }) => outcome === 'unavailable').length,
    unanswered: during.filter(({ outcome }) => outcome === 'none').length,
    slowestMs: Math.max(...during.map(({ ms }) => ms)),
    backAfterMs: Math.max(readyAfterMs, ...undecided.map(({ sentAt }) => sentAt - ended)),
    wrong: answers.wrong,
  };
}

const untilReady = (origin: string) =>
  eventually('the server is ready, and nothing is degraded', async () => {
    const response = await fetch(`${origin}/health/ready`);
    return response.ok && ((await response.json()) as { status: string }).status === 'ok';
  });
