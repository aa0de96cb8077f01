import { poolState } from '../database/prepared';
import type { ProcessState } from '../observability/metrics/process-state';
import { DueJobs } from '../services/jobs/due-jobs';
import type { Infrastructure } from './infrastructure';
import type { Services } from './services';

/** What the metrics ask this server about itself. */
export function processState({ config, em, feed, hasher, store }: Infrastructure, services: Services): ProcessState {
  const dueJobs = new DueJobs(services.queue);
  return {
    feed: () => ({ trusted: feed.trusted, lagSeconds: feed.lagSeconds }),
    hashing: () => hasher.queueState,
    connections: () => poolState(em),
    redis: () => (config.redisUrl ? store.isHealthy() : null),
    liveStreams: () => services.accountWatch.size,
    jobs: () => dueJobs.read(),
  };
}
