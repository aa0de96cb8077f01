import { type Grant, IdentityApi, isTemporary } from './api.js';
import { pause } from './pause.js';
import { SharedStreams } from './shared-streams.js';
import { type StreamEvent, type TabMessage, Tabs } from './tabs.js';
import type { AccountChange, Session, SessionOptions, SessionState, SessionUser, StreamListener } from './types.js';

const LOADING: SessionState = { status: 'loading', user: null, scopes: [] };
const SIGNED_OUT: SessionState = { status: 'signedOut', user: null, scopes: [] };
const ACCOUNT = { query: 'subscription AccountChanged { accountChanged { kind at } }' };

/** Opens the session of this browser: asks the other tabs, then the server, whether there is one. */
export function createSession(options: SessionOptions): Session {
  return new BrowserSession(options);
}

class BrowserSession implements Session {
  state = LOADING;
  private grant: Grant | null = null;
  private renewing: Promise<void> | undefined;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private readonly closing = new AbortController();
  private readonly listeners = new Set<(state: SessionState, before: SessionState) => void>();
  private readonly accountListeners = new Set<(change: AccountChange) => void>();
  private readonly api: IdentityApi;
  private readonly tabs: Tabs;
  private readonly streams: SharedStreams;

  constructor(options: SessionOptions) {
    const url = new URL(options.url, globalThis.location?.href).href;
    this.api = new IdentityApi({ ...options, url });
    this.tabs = new Tabs(`graphql-identity ${url}`, (message) => this.receive(message));
    this.streams = new SharedStreams(this, this.api, this.tabs);
    this.streams.watchEvents(ACCOUNT, { on: (event, leader) => this.onAccountEvent(event, leader) });
    void this.renewUntilAnswered();
  }

  subscribe = (listener: (state: SessionState, before: SessionState) => void): (() => void) => {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  };

  onUserChanged = (listener: () => void): (() => void) =>
    this.subscribe((now, before) => {
      if (before.status !== 'loading' && now.user?.id !== before.user?.id) listener();
    });

  onAccountChanged = (listener: (change: AccountChange) => void): (() => void) => {
    this.accountListeners.add(listener);
    return () => void this.accountListeners.delete(listener);
  };

  watch = (request: Parameters<Session['watch']>[0], listener: StreamListener): (() => void) =>
    this.streams.watch(request, listener);

  login = (credentials: { username: string; password: string }): Promise<SessionUser> =>
    this.tabs.exclusively(async () => {
      const { username, password } = credentials;
      await this.share(await this.api.login({ username, password }));
      return this.grant!.user;
    });

  logout = (): Promise<void> =>
    this.tabs.exclusively(async () => {
      await this.api.logout();
      this.signOut();
    });

  accessToken = async (rejected?: string): Promise<string | null> => {
    if (this.state.status === 'signedOut') return null;
    if (!this.hasToken(rejected)) await this.renew(rejected);
    return this.grant?.accessToken ?? null;
  };

  close(): void {
    this.closing.abort();
    clearTimeout(this.timer);
    this.streams.close();
    this.tabs.close();
  }

  /** Whether there is a token to send, other than the one that the server has refused. */
  private hasToken(rejected?: string): boolean {
    return this.grant !== null && this.grant.accessToken !== rejected && Date.now() < this.grant.usableUntil;
  }

  /** Replaces the token: once for all callers of this tab, and for all tabs. */
  private renew(stale = this.grant?.accessToken): Promise<void> {
    this.renewing ??= this.tabs
      .exclusively(() => this.renewAlone(stale))
      .finally(() => {
        this.renewing = undefined;
      });
    return this.renewing;
  }

  private async renewAlone(stale: string | undefined): Promise<void> {
    const isDone = () => this.hasToken(stale);
    // another tab was first, or has signed out
    if (isDone() || this.state.status === 'signedOut') return;
    await this.tabs.askForGrant(isDone);
    if (isDone()) return;
    try {
      await this.share(await this.api.refresh(this.grant?.user));
    } catch (error) {
      if (isTemporary(error)) throw error;
      this.signOut();
    }
  }

  private async renewUntilAnswered(): Promise<void> {
    const { signal } = this.closing;
    for (let failures = 0; !signal.aborted; failures++) {
      const isAnswered = await this.renew().then(
        () => true,
        () => false,
      );
      if (isAnswered) return;
      await pause(failures, signal);
    }
  }

  /** Takes a grant and gives it to the other tabs. */
  private async share(grant: Grant): Promise<void> {
    this.take(grant);
    await this.tabs.hold();
    this.tabs.post({ type: 'grant', grant });
  }

  private take(grant: Grant): void {
    if (this.closing.signal.aborted || (this.grant && grant.receivedAt < this.grant.receivedAt)) return;
    this.grant = grant;
    void this.tabs.hold();
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.renewUntilAnswered(), Math.max(0, grant.renewAt - Date.now()));
    this.change({ status: 'signedIn', user: grant.user, scopes: grant.scopes });
  }

  private signOut(): void {
    if (this.grant) this.tabs.post({ type: 'signedOut' });
    this.drop();
  }

  private drop(): void {
    this.grant = null;
    clearTimeout(this.timer);
    this.tabs.letGo();
    this.change(SIGNED_OUT);
  }

  private change(state: SessionState): void {
    const before = this.state;
    if (JSON.stringify(state) === JSON.stringify(before)) return;
    this.state = state;
    for (const listener of [...this.listeners]) listener(state, before);
  }

  private receive(message: TabMessage): void {
    if (message.type === 'stream') this.streams.receive(message.key, message.event);
    else if (message.type === 'signedOut') this.drop();
    else if (message.type === 'ask') {
      if (this.tabs.isHolding) this.tabs.post({ type: 'grant', grant: this.grant });
    } else if (message.grant) this.take(message.grant);
  }

  /** The tab that holds the stream brings the grant up to date for all. */
  private onAccountEvent(event: StreamEvent, leader: { accessToken: string; lostAt: number } | null): void {
    if (event.kind === 'error') return;
    const change = (
      event.kind === 'next' ? event.result.data?.accountChanged : { kind: 'RECONNECTED', at: new Date().toISOString() }
    ) as AccountChange | undefined;
    if (!change) return;
    if (leader) void this.follow(change, leader).catch(() => undefined); // a later request meets the same error
    for (const listener of [...this.accountListeners]) listener(change);
  }

  private async follow({ kind }: AccountChange, leader: { accessToken: string; lostAt: number }): Promise<void> {
    if (kind === 'SESSION_ENDED') await this.accessToken(leader.accessToken);
    else if (kind === 'ROLES_CHANGED') await this.renew();
    else if (kind === 'RECONNECTED' && this.grant && this.grant.receivedAt < leader.lostAt) await this.renew();
    else if (this.grant) {
      const { grant } = this;
      await this.share({ ...grant, user: await this.api.me(grant.accessToken) });
    }
  }
}
