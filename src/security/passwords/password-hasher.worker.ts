import { parentPort, threadId } from 'node:worker_threads';
import bcrypt from 'bcrypt';

/** One bcrypt computation. `text` is what bcrypt gets, already prepared by the scheme. */
export type HashingTask =
  | { kind: 'hash'; text: string; cost: number }
  | { kind: 'compare'; text: string; hash: string };

/**
 * Runs in a worker thread of its own and uses the blocking functions on purpose: the asynchronous
 * ones would occupy libuv's few threads, for which token signatures, DNS and files wait as well.
 */
export default function run(task: HashingTask): string | boolean {
  return task.kind === 'hash' ? bcrypt.hashSync(task.text, task.cost) : bcrypt.compareSync(task.text, task.hash);
}

/** Sent once, when bcrypt is there. */
export interface LoadedMessage {
  loaded: number;
}

parentPort?.postMessage({ loaded: threadId } satisfies LoadedMessage);
