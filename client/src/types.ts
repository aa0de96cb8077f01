/** The user who is signed in. */
export interface SessionUser {
  readonly id: string;
  readonly username: string;
  readonly email: string | null;
  readonly firstName: string | null;
  readonly lastName: string | null;
}

/** `loading` until the server has said whether the browser holds a session. */
export interface SessionState {
  readonly status: 'loading' | 'signedOut' | 'signedIn';
  /** Null unless signed in. */
  readonly user: SessionUser | null;
  /** `ROLE_<role>` and names of permissions. */
  readonly scopes: readonly string[];
}

/** `RECONNECTED`: the stream was away, so that changes may have been missed. */
export type AccountChangeKind = 'SESSION_ENDED' | 'ROLES_CHANGED' | 'PROFILE_CHANGED' | 'RECONNECTED';

export interface AccountChange {
  readonly kind: AccountChangeKind;
  /** Time at which the server noticed the change. */
  readonly at: string;
}

/** A subscription of `/graphql/stream`. */
export interface StreamRequest {
  readonly query: string;
  readonly variables?: Record<string, unknown> | undefined;
  readonly operationName?: string | undefined;
}

export interface StreamListener {
  /** A GraphQL result: `data`, `errors` or both. */
  next(result: { data?: Record<string, unknown> | null; errors?: readonly unknown[] }): void;
  /** The server does not accept the subscription; the stream is over. */
  error?(error: Error): void;
  /** The stream was away, so that events may have been missed. */
  reconnected?(): void;
}

export interface SessionOptions {
  /** Where GraphQL is: `/graphql`, or `https://id.example.com/graphql`. Streams are at `<url>/stream`. */
  readonly url: string;
  /** Sent with every request of the session itself, for example `Accept-Language`. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly fetch?: typeof fetch;
}

/** The session of this browser, one for all of its tabs. */
export interface Session {
  readonly state: SessionState;
  /** @returns what ends it */
  subscribe(listener: (state: SessionState, before: SessionState) => void): () => void;
  /** Called when another user, or none, is signed in: the place to clear caches. */
  onUserChanged(listener: () => void): () => void;
  /** @throws IdentityError INVALID_CREDENTIALS, ACCOUNT_DISABLED, RATE_LIMITED with `retryAfter` in its extensions */
  login(credentials: { username: string; password: string }): Promise<SessionUser>;
  /** Ends the session in every tab. */
  logout(): Promise<void>;
  /**
   * A token that is valid for a moment at least; null without a session.
   * @param rejected a token that the server has just refused
   * @throws Error when the server cannot be reached
   */
  accessToken(rejected?: string): Promise<string | null>;
  /** Changes of the own account, from one stream for all tabs. */
  onAccountChanged(listener: (change: AccountChange) => void): () => void;
  /** A subscription, from one stream for all tabs that watch the same. */
  watch(request: StreamRequest, listener: StreamListener): () => void;
  /** Ends timers, streams and locks of this tab; the session goes on. */
  close(): void;
}
