import type { Grant } from './api.js';

export type StreamEvent =
  | { kind: 'next'; result: { data?: Record<string, unknown> | null; errors?: readonly unknown[] } }
  | { kind: 'error'; message: string; code: string }
  | { kind: 'reconnected' };

export type TabMessage =
  | { type: 'ask' }
  | { type: 'grant'; grant: Grant | null }
  | { type: 'signedOut' }
  | { type: 'stream'; key: string; event: StreamEvent };

/** A tab that is frozen holds its locks and answers nothing; one that is being opened is slow. */
const ANSWER_MS = 3000;

/**
 * The tabs of one origin that use the same server: Web Locks decide which of them acts, and a
 * BroadcastChannel carries what it got. On a plain page of another host than localhost browsers have
 * no Web Locks; each tab then acts for itself.
 */
export class Tabs {
  private readonly channel: BroadcastChannel;
  private readonly locks = globalThis.navigator?.locks as LockManager | undefined;
  private last: Promise<unknown> = Promise.resolve();
  private release: (() => void) | undefined;

  constructor(
    private readonly name: string,
    receive: (message: TabMessage) => void,
  ) {
    this.channel = new BroadcastChannel(name);
    this.channel.onmessage = ({ data }: MessageEvent<TabMessage>) => receive(data);
  }

  post(message: TabMessage): void {
    this.channel.postMessage(message);
  }

  /** Runs tasks one after the other, over all tabs. */
  exclusively<T>(task: () => Promise<T>): Promise<T> {
    if (this.locks) return this.locks.request(`${this.name} tokens`, task) as Promise<T>;
    const result = this.last.then(task);
    this.last = result.catch(() => undefined);
    return result;
  }

  /** Runs the task in one tab at a time, until it ends or the signal is given. */
  async lead(what: string, signal: AbortSignal, task: () => Promise<void>): Promise<void> {
    if (!this.locks) return task();
    await this.locks.request(`${this.name} ${what}`, { signal }, task).catch((error: unknown) => {
      if (!signal.aborted) throw error;
    });
  }

  /** Shows the other tabs that this one has a grant; resolves when they can see it. */
  hold(): Promise<void> {
    if (this.release || !this.locks) return Promise.resolve();
    const held = new Promise<void>((resolve) => {
      this.release = resolve;
    });
    return new Promise((resolve) => {
      void this.locks!.request(`${this.name} grant`, { mode: 'shared' }, () => {
        resolve();
        return held;
      });
    });
  }

  get isHolding(): boolean {
    return this.release !== undefined;
  }

  letGo(): void {
    this.release?.();
    this.release = undefined;
  }

  /** Asks the tabs that have a grant for it, and waits until all have answered or `isEnough`. */
  async askForGrant(isEnough: () => boolean): Promise<void> {
    if (!this.locks) return;
    const { held = [] } = await this.locks.query();
    let missing = held.filter(({ name }) => name === `${this.name} grant`).length - Number(this.isHolding);
    if (missing <= 0) return;
    await new Promise<void>((resolve) => {
      const listener = ({ data }: MessageEvent<TabMessage>) => {
        if (data.type === 'grant' && (--missing <= 0 || isEnough())) done();
      };
      const done = () => {
        clearTimeout(timer);
        this.channel.removeEventListener('message', listener);
        resolve();
      };
      const timer = setTimeout(done, ANSWER_MS);
      // after `onmessage`, so that the session has taken the grant when this decides
      this.channel.addEventListener('message', listener);
      this.post({ type: 'ask' });
    });
  }

  close(): void {
    this.letGo();
    this.channel.close();
  }
}
