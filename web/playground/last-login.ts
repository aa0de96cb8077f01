import type { Clock } from '../../src/config/clock';

export interface LoginTokens {
  accessToken: string;
  refreshToken?: string;
  username?: string;
  expiresAt?: Date;
}

export interface GraphQLRequest {
  variables?: unknown;
  headers: Record<string, string>;
}

const ACCESS = '<token>';
const REFRESH = '<refreshToken>';

/**
 * Holds the tokens of the last login or refresh that ran in this page, in memory only, and puts
 * them where a header or a variable says `<token>` or `<refreshToken>`. A token that the
 * user pastes instead is sent as it is.
 */
export class LastLogin {
  private tokens: LoginTokens | null = null;
  private readonly listeners = new Set<() => void>();

  constructor(private readonly clock: Clock) {}

  /** The tokens, or null before the first login. The same object until they change. */
  readonly current = (): LoginTokens | null => this.tokens;

  /** Calls `listener` after every change; returns the function that ends it. */
  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  /**
   * Keeps the token set of a GraphQL result, under whatever alias, and drops the tokens that a
   * logout has ended.
   * @param sent the body of the request
   */
  update(result: unknown, sent: string): void {
    const data = isObject(result) ? result.data : undefined;
    if (isObject(data) && isObject(data.logout) && data.logout.ok === true && this.isNamedIn(sent)) this.forget();
    for (const payload of isObject(data) ? Object.values(data) : []) {
      if (!isObject(payload) || !isObject(payload.tokens)) continue;
      const { accessToken, refreshToken, expiresIn } = payload.tokens;
      if (typeof accessToken !== 'string') continue;
      const user = isObject(payload.user) ? payload.user : {};
      this.change({
        accessToken,
        refreshToken: typeof refreshToken === 'string' ? refreshToken : this.tokens?.refreshToken,
        username: typeof user.username === 'string' ? user.username : this.tokens?.username,
        // expires_in is in seconds, RFC 6749 section 5.1
        expiresAt: typeof expiresIn === 'number' ? new Date(this.clock.now().getTime() + expiresIn * 1000) : undefined,
      });
    }
  }

  private isNamedIn(text: string): boolean {
    const { accessToken, refreshToken = accessToken } = this.tokens ?? {};
    return accessToken !== undefined && [accessToken, refreshToken!].some((token) => text.includes(token));
  }

  forget(): void {
    this.change(null);
  }

  /**
   * The request as it is sent. A header whose placeholder has no value yet is left out, so the
   * request is an anonymous one.
   */
  fillIn({ headers, variables }: GraphQLRequest): GraphQLRequest {
    const filled = Object.entries(headers).flatMap(([name, value]): [string, string][] => {
      const text = this.replace(String(value));
      return text.includes(ACCESS) || text.includes(REFRESH) ? [] : [[name, text]];
    });
    return { headers: Object.fromEntries(filled), variables: this.replaceDeep(variables) };
  }

  private replaceDeep(value: unknown): unknown {
    if (typeof value === 'string') return value === ACCESS || value === REFRESH ? this.replace(value) : value;
    if (Array.isArray(value)) return value.map((item) => this.replaceDeep(item));
    if (isObject(value))
      return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, this.replaceDeep(item)]));
    return value;
  }

  private replace(text: string): string {
    const { accessToken = ACCESS, refreshToken = REFRESH } = this.tokens ?? {};
    return text.replaceAll(ACCESS, () => accessToken).replaceAll(REFRESH, () => refreshToken);
  }

  private change(tokens: LoginTokens | null): void {
    this.tokens = tokens;
    for (const listener of this.listeners) listener();
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
