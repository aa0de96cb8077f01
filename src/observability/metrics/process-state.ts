import { performance } from 'node:perf_hooks';
import type { Gauge } from 'prom-client';
import * as metrics from './metrics';

/** What a server is asked about itself at each scrape. Nothing of it may wait for long or throw. */
export interface ProcessState {
  feed(): { trusted: boolean; lagSeconds: number };
  hashing(): { running: number; waiting: Readonly<Record<string, number>> };
  connections(): Promise<Readonly<Record<string, number>>>;
  /** Null without Redis. */
  redis(): boolean | null;
  liveStreams(): number;
  /** Due jobs by kind; null while the database does not answer. */
  jobs(): Promise<readonly { kind: string; due: number; overdueSeconds: number }[] | null>;
}

/** Writes the state of the server into the gauges. */
export async function collectState(state: ProcessState): Promise<void> {
  const { trusted, lagSeconds } = state.feed();
  metrics.feedTrusted.set(trusted ? 1 : 0);
  metrics.feedLag.set(lagSeconds);
  const { running, waiting } = state.hashing();
  metrics.hashRunning.set(running);
  setAll(metrics.hashWaiting, 'line', waiting);
  setAll(metrics.sqlConnections, 'state', await state.connections());
  metrics.redisUp.remove();
  const redis = state.redis();
  if (redis !== null) metrics.redisUp.set(redis ? 1 : 0);
  metrics.liveStreams.set(state.liveStreams());
  const jobs = (await state.jobs()) ?? [];
  setAll(metrics.jobsWaiting, 'kind', Object.fromEntries(jobs.map(({ kind, due }) => [kind, due])));
  setAll(metrics.jobsOverdue, 'kind', Object.fromEntries(jobs.map((job) => [job.kind, job.overdueSeconds])));
}

/** A label that is no longer there leaves no value behind. */
function setAll<L extends string>(gauge: Gauge<L>, label: L, values: Readonly<Record<string, number>>): void {
  gauge.reset();
  for (const [value, number] of Object.entries(values)) gauge.set({ [label]: value } as Record<L, string>, number);
}

let cpuBefore = 0;
let loopBefore = performance.eventLoopUtilization();

/** What Node tells about the process. */
export function collectProcess(): void {
  const { user, system } = process.cpuUsage();
  const cpu = (user + system) / 1e6;
  metrics.cpuSeconds.inc(cpu - cpuBefore);
  cpuBefore = cpu;
  const { rss, heapUsed } = process.memoryUsage();
  metrics.residentMemory.set(rss);
  metrics.heapUsed.set(heapUsed);
  metrics.startTime.set(performance.timeOrigin / 1000);
  const loop = performance.eventLoopUtilization();
  metrics.eventLoop.set(performance.eventLoopUtilization(loop, loopBefore).utilization);
  loopBefore = loop;
}
