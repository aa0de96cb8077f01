/**
 * The rules of the life of a token, as the documents have them, and nothing of how the server keeps
 * them.
 */
const RULES = {
  accessTtl: 900,
  refreshTtl: 604_800,
  sessionMaxAge: 2_592_000,
  grace: 10,
  compatTtl: 3600,
  compatRefreshable: 36_000,
} as const;

export type ChannelName = 'graphql' | 'session' | 'identity';

export interface ModelUser {
  id: string;
  username: string;
  email: string;
  password: string;
  exists: boolean;
  active: boolean;
  /** Whether the user holds the role with READ_PERMISSIONS. */
  team: boolean;
}

export interface ModelSession {
  id: string;
  user: ModelUser;
  channel: ChannelName;
  /** Moments in milliseconds. */
  idleUntil: number;
  expiresAt: number;
  ended: boolean;
}

export interface RefreshToken {
  token: string;
  session: ModelSession;
  expiresAt: number;
  /** Set when it was used, with what it gave. */
  used: { at: number; successor: RefreshToken } | null;
}

export interface AccessToken {
  token: string;
  kind: 'session' | 'compat';
  user: ModelUser;
  session: ModelSession;
  issuedAt: number;
  expiresAt: number;
  /** Whether READ_PERMISSIONS is in it. */
  team: boolean;
  /** When a refresh replaced it; for compat tokens. */
  replacedAt: number | null;
}

export type Verdict = 'ok' | 'FORBIDDEN' | 'UNAUTHENTICATED';

const wholeSecond = (ms: number): number => Math.floor(ms / 1000) * 1000;

/** What must be true of everything that was ever issued. */
export class TokenModel {
  readonly users: ModelUser[] = [];
  readonly sessions: ModelSession[] = [];
  readonly refreshTokens: RefreshToken[] = [];
  readonly accessTokens: AccessToken[] = [];

  /** @param unsureMs how much the model's moments may differ from those of the servers */
  constructor(
    private readonly clock: () => number,
    private readonly unsureMs = 0,
  ) {}

  get now(): number {
    return this.clock();
  }

  lives(session: ModelSession): boolean {
    return !session.ended && session.idleUntil > this.now && session.expiresAt > this.now;
  }

  /** What a query that takes READ_PERMISSIONS has to say to the token. */
  verdict(token: AccessToken): Verdict {
    const expired = token.expiresAt <= wholeSecond(this.now);
    if (expired || !this.counts(token)) return 'UNAUTHENTICATED';
    return token.team && token.user.team ? 'ok' : 'FORBIDDEN';
  }

  /** Whether it stands for its account, its expiry aside. */
  counts(token: AccessToken): boolean {
    return token.user.exists && token.user.active && token.replacedAt === null && this.lives(token.session);
  }

  /** What a refresh of a compat token has to come to: a new one, nothing, or the end of its session. */
  replaces(token: AccessToken): 'new' | 'refused' | 'ends' {
    if (token.issuedAt + RULES.compatRefreshable * 1000 <= this.now) return 'refused';
    if (this.counts(token)) return 'new';
    const isLate = token.replacedAt !== null && this.now - token.replacedAt > RULES.grace * 1000;
    return isLate && token.user.exists && this.lives(token.session) ? 'ends' : 'refused';
  }

  /**
   * What a refresh has to come to: a new successor, the one that there is, nothing, or the end of
   * the session.
   */
  refreshes(token: RefreshToken, channel: ChannelName): 'new' | 'same' | 'keeps' | 'refused' | 'ends' {
    if (!token.session.user.exists || token.session.ended) return 'refused';
    if (token.used !== null) {
      const late = this.now - token.used.at > RULES.grace * 1000;
      // a session that is over anyhow: whether it is ended as well makes no difference
      if (late) return this.lives(token.session) ? 'ends' : 'refused';
      return channel === 'graphql' && this.lives(token.session) ? 'same' : 'refused';
    }
    if (!this.lives(token.session) || token.expiresAt <= this.now) return 'refused';
    if (channel === 'graphql') return 'new';
    return token.session.channel === 'session' ? 'keeps' : 'refused';
  }

  /** Whether the grace of a token that was used then ends so near to now that servers may decide either way. */
  isUnsure(usedAt: number | null | undefined): boolean {
    return usedAt != null && Math.abs(this.now - usedAt - RULES.grace * 1000) < this.unsureMs;
  }

  /** Clean-up may have taken it, at a moment that is its own. */
  isForgotten(token: RefreshToken): boolean {
    return token.expiresAt + 86_400_000 < this.now;
  }

  /** The moments to come at which something ends by itself, in order. */
  limits(): number[] {
    const all = [
      ...this.accessTokens
        .filter((token) => this.counts(token))
        .flatMap((t) => [t.expiresAt, t.issuedAt + RULES.compatRefreshable * 1000]),
      ...this.accessTokens
        .filter((token) => token.replacedAt !== null && this.lives(token.session))
        .map((t) => t.replacedAt! + RULES.grace * 1000),
      ...this.sessions.filter((session) => this.lives(session)).flatMap((s) => [s.idleUntil, s.expiresAt]),
      ...this.refreshTokens
        .filter((token) => this.lives(token.session))
        .map((t) => (t.used ? t.used.at + RULES.grace * 1000 : t.expiresAt)),
    ];
    return [...new Set(all)].filter((moment) => moment > this.now + 1).sort((a, b) => a - b);
  }

  addSession(
    user: ModelUser,
    channel: ChannelName,
    tokens: { id: string; access: string; refresh: string | null },
  ): void {
    const expiresAt = wholeSecond(this.now) + RULES.refreshTtl * 1000;
    const session = {
      id: tokens.id,
      user,
      channel,
      idleUntil: tokens.refresh === null ? this.now + RULES.compatRefreshable * 1000 : expiresAt,
      expiresAt: this.now + RULES.sessionMaxAge * 1000,
      ended: false,
    };
    this.sessions.push(session);
    if (tokens.refresh !== null) this.refreshTokens.push({ token: tokens.refresh, session, expiresAt, used: null });
    this.addAccess(session, tokens.access);
  }

  addAccess(session: ModelSession, token: string): void {
    const { user } = session;
    const kind = session.channel === 'identity' ? 'compat' : 'session';
    const issuedAt = wholeSecond(this.now);
    const expiresAt = issuedAt + (kind === 'compat' ? RULES.compatTtl : RULES.accessTtl) * 1000;
    this.accessTokens.push({ token, kind, user, session, issuedAt, expiresAt, team: user.team, replacedAt: null });
  }

  /** A compat token is exchanged for another of its session. */
  replace(token: AccessToken, successor: string): void {
    token.replacedAt = this.now;
    token.session.idleUntil = this.now + RULES.compatRefreshable * 1000;
    this.addAccess(token.session, successor);
  }

  /** Clean-up may have taken the session, at a moment that is its own. */
  isForgottenSession(session: ModelSession): boolean {
    return session.idleUntil + 30 * 86_400_000 < this.now;
  }

  rotate(token: RefreshToken, successor: string): void {
    const expiresAt = wholeSecond(this.now) + RULES.refreshTtl * 1000;
    const next: RefreshToken = { token: successor, session: token.session, expiresAt, used: null };
    token.used = { at: this.now, successor: next };
    token.session.idleUntil = expiresAt;
    this.refreshTokens.push(next);
  }

  keep(token: RefreshToken): void {
    const { session } = token;
    session.idleUntil = Math.min(Math.max(session.idleUntil, this.now + RULES.refreshTtl * 1000), token.expiresAt);
  }

  /** Everything of an account ends, but what belongs to `spared`. */
  endAll(user: ModelUser, spared: AccessToken | null = null): void {
    for (const session of this.sessions) if (session.user === user && session !== spared?.session) session.ended = true;
  }
}
