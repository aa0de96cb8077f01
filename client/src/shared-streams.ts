import { type IdentityApi, isTemporary } from './api.js';
import { readStream } from './event-stream.js';
import { IdentityError } from './identity-error.js';
import { pause } from './pause.js';
import type { StreamEvent, Tabs } from './tabs.js';
import type { Session, StreamListener, StreamRequest } from './types.js';

/** A listener of the session itself also learns whether its tab holds the stream, and with which token. */
export interface InnerListener {
  on(event: StreamEvent, leader: { accessToken: string; lostAt: number } | null): void;
}

interface Shared {
  readonly listeners: Set<InnerListener>;
  readonly closing: AbortController;
}

/** A stream that ends sooner is opened again after a longer pause. */
const STABLE_MS = 5_000;

/** Subscriptions: the owner of a Web Lock holds the stream, and the other tabs get its events from it. */
export class SharedStreams {
  private readonly byKey = new Map<string, Shared>();

  constructor(
    private readonly session: Pick<Session, 'state' | 'subscribe' | 'accessToken'>,
    private readonly api: IdentityApi,
    private readonly tabs: Tabs,
  ) {}

  watch(request: StreamRequest, listener: StreamListener): () => void {
    return this.watchEvents(request, {
      on(event) {
        if (event.kind === 'next') listener.next(event.result);
        else if (event.kind === 'reconnected') listener.reconnected?.();
        else listener.error?.(new IdentityError(event.message, event.code));
      },
    });
  }

  watchEvents(request: StreamRequest, listener: InnerListener): () => void {
    const key = JSON.stringify([request.query, request.variables ?? {}, request.operationName]);
    const shared = this.byKey.get(key) ?? { listeners: new Set(), closing: new AbortController() };
    shared.listeners.add(listener);
    if (!this.byKey.has(key)) {
      this.byKey.set(key, shared);
      const { signal } = shared.closing;
      void this.tabs.lead(`stream ${key}`, signal, () => this.holdStream(key, request, signal));
    }
    return () => {
      shared.listeners.delete(listener);
      if (shared.listeners.size === 0) this.end(key, shared);
    };
  }

  /** What the tab that holds the stream has sent. */
  receive(key: string, event: StreamEvent): void {
    this.deliver(key, event, null);
  }

  close(): void {
    for (const [key, shared] of this.byKey) this.end(key, shared);
  }

  private end(key: string, shared: Shared): void {
    shared.closing.abort();
    if (this.byKey.get(key) === shared) this.byKey.delete(key);
  }

  private deliver(key: string, event: StreamEvent, leader: Parameters<InnerListener['on']>[1]): void {
    const shared = this.byKey.get(key);
    if (!shared) return;
    if (event.kind === 'error') this.end(key, shared);
    for (const listener of [...shared.listeners]) listener.on(event, leader);
  }

  private async holdStream(key: string, request: StreamRequest, signal: AbortSignal): Promise<void> {
    let lostAt = 0;
    let failures = 0;
    let accessToken: string | null = null;
    let rejected: string | undefined;
    const emit = (event: StreamEvent) => {
      this.tabs.post({ type: 'stream', key, event });
      this.deliver(key, event, { accessToken: accessToken!, lostAt });
    };
    while (!signal.aborted) {
      const startedAt = Date.now();
      try {
        accessToken = await this.session.accessToken(rejected);
        if (accessToken === null) {
          await this.nextUser(signal);
          continue;
        }
        const onOpen = () => lostAt && emit({ kind: 'reconnected' });
        await this.whileSameUser(signal, async (sameUser) => {
          for await (const result of readStream({
            api: this.api,
            request,
            accessToken: accessToken!,
            signal: sameUser,
            onOpen,
          }))
            emit({ kind: 'next', result });
        });
      } catch (error) {
        if (error instanceof IdentityError && error.code === 'UNAUTHENTICATED') rejected = accessToken ?? undefined;
        else if (!isTemporary(error) && !signal.aborted) {
          const { message, code } = error as IdentityError;
          emit({ kind: 'error', message, code });
        }
      }
      lostAt = Date.now();
      failures = lostAt - startedAt > STABLE_MS ? 0 : failures + 1;
      if (!signal.aborted) await pause(failures, signal);
    }
  }

  /** Gives the task a signal that also aborts when another user, or none, is signed in. */
  private async whileSameUser(signal: AbortSignal, task: (sameUser: AbortSignal) => Promise<void>): Promise<void> {
    const changed = new AbortController();
    const user = this.session.state.user?.id;
    const stop = this.session.subscribe((now) => {
      if (now.user?.id !== user) changed.abort();
    });
    await task(AbortSignal.any([signal, changed.signal])).finally(stop);
  }

  private nextUser(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        stop();
        signal.removeEventListener('abort', done);
        resolve();
      };
      const stop = this.session.subscribe((now) => now.user && done());
      signal.addEventListener('abort', done);
      if (this.session.state.user || signal.aborted) done();
    });
  }
}
