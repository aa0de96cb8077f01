import { parentPort, threadId } from 'node:worker_threads';
import bcrypt from 'bcrypt';
import { estimateGuesses } from './password-strength';

/** One computation. `text` is what bcrypt gets, already prepared by the scheme. */
export type HashingTask =
  | { kind: 'hash'; text: string; cost: number }
  | { kind: 'compare'; text: string; hash: string }
  | { kind: 'estimate'; text: string; words: readonly string[] };

/**
 * Runs in a worker thread and uses blocking functions on purpose: bcrypt's asynchronous ones would
 * occupy libuv's few threads, which token signatures, DNS and files need as well.
 */
export default function run(task: HashingTask): string | boolean | Promise<number> {
  switch (task.kind) {
    case 'hash':
      return bcrypt.hashSync(task.text, task.cost);
    case 'compare':
      return bcrypt.compareSync(task.text, task.hash);
    case 'estimate':
      return estimateGuesses(task.text, task.words);
  }
}

/** Sent once, when bcrypt is there. */
export interface LoadedMessage {
  loaded: number;
}

parentPort?.postMessage({ loaded: threadId } satisfies LoadedMessage);
