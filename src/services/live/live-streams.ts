import { AppError } from '../../errors/app-error';
import type { Principal } from '../../security/principal';
import { EventStream } from './event-stream';

const MAX_PER_SESSION = 5;
/** Node's longest timer, in milliseconds. */
const MAX_TIMER_MS = 2_147_483_647;

interface OpenStream<T> {
  principal: Principal;
  stream: EventStream<T>;
}

/** The open streams of one kind in this process. Each ends with its token. */
export class LiveStreams<T> {
  private readonly byAccount = new Map<string, Set<OpenStream<T>>>();
  private readonly bySession = new Map<string, number>();
  private isClosed = false;

  /** @throws AppError RATE_LIMITED for the sixth stream of a session */
  open(principal: Principal, now: Date): EventStream<T> {
    const session = principal.sessionId ?? principal.token.key;
    const count = this.bySession.get(session) ?? 0;
    if (count >= MAX_PER_SESSION) throw new AppError('RATE_LIMITED', { retryAfter: 60 });
    this.bySession.set(session, count + 1);
    const left = principal.token.expiresAt * 1000 - now.getTime();
    const expiry = setTimeout(() => entry.stream.end(), Math.min(Math.max(0, left), MAX_TIMER_MS)).unref();
    const entry: OpenStream<T> = {
      principal,
      stream: new EventStream(() => {
        clearTimeout(expiry);
        this.remove(entry, session);
      }),
    };
    const entries = this.byAccount.get(principal.userId) ?? new Set();
    this.byAccount.set(principal.userId, entries.add(entry));
    if (this.isClosed) entry.stream.end();
    return entry.stream;
  }

  get accounts(): readonly string[] {
    return [...this.byAccount.keys()];
  }

  has(userId: string): boolean {
    return this.byAccount.has(userId);
  }

  of(userId: string): readonly OpenStream<T>[] {
    return [...(this.byAccount.get(userId) ?? [])];
  }

  get size(): number {
    let size = 0;
    for (const entries of this.byAccount.values()) size += entries.size;
    return size;
  }

  /** Ends every stream, and those that are opened later, for a server that closes. */
  close(): void {
    this.isClosed = true;
    for (const entries of [...this.byAccount.values()]) for (const { stream } of [...entries]) stream.end();
  }

  private remove(entry: OpenStream<T>, session: string): void {
    const entries = this.byAccount.get(entry.principal.userId);
    entries?.delete(entry);
    if (entries?.size === 0) this.byAccount.delete(entry.principal.userId);
    const count = (this.bySession.get(session) ?? 1) - 1;
    if (count === 0) this.bySession.delete(session);
    else this.bySession.set(session, count);
  }
}
