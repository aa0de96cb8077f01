import { setTimeout as sleep } from 'node:timers/promises';
import type { EmbeddedPostgres } from './embedded-postgres';

/** Until the next start where one has failed, because the disk is still full. */
const RETRY_MS = 1000;

export interface KeptPostgres {
  /** The same for every start. */
  url: string;
  stop(): Promise<void>;
}

/**
 * Starts the server again whenever it ends by itself: it was killed, or found its disk full.
 * @param start gets the folder of the socket, at which the connections of this process expect it
 * @throws what the first start throws
 */
export async function keepRunning(
  start: (socketFolder?: string) => Promise<EmbeddedPostgres>,
  report: { lost(): void; failed(error: unknown): void; back(): void },
): Promise<KeptPostgres> {
  let running = await start();
  const { host, url } = running;
  let isStopped = false;

  const startAgain = async (): Promise<EmbeddedPostgres | undefined> => {
    for (let isReported = false; !isStopped; await sleep(RETRY_MS, undefined, { ref: false })) {
      try {
        return await start(host);
      } catch (error) {
        if (!isReported) report.failed(error);
        isReported = true;
      }
    }
    return undefined;
  };
  const watch = async (): Promise<void> => {
    for (;;) {
      await running.exited;
      if (isStopped) return;
      report.lost();
      const next = await startAgain();
      if (!next) return;
      running = next;
      report.back();
    }
  };
  const watching = watch();
  const stop = async (): Promise<void> => {
    isStopped = true;
    await running.stop();
    await watching;
    await running.stop(); // one that was being started meanwhile
  };
  return { url, stop };
}
