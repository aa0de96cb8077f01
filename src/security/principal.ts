import { ADMIN_SCOPE } from './scopes';
import type { TokenKind } from './tokens/token-kinds';

/** Who makes a request, as a live token proves it. */
export class Principal {
  readonly userId: string;
  readonly username: string;
  /** Effective scopes: those of the token that the account still has. */
  readonly scopes: ReadonlySet<string>;
  readonly tokenKind: TokenKind;
  /** Session of the token; compat tokens have none. */
  readonly sessionId: string | null;
  /** The token's key in the deny list; session tokens have none. */
  readonly tokenKey: string | null;

  constructor(of: {
    userId: string;
    username: string;
    scopes: ReadonlySet<string>;
    tokenKind: TokenKind;
    sessionId: string | null;
    tokenKey: string | null;
  }) {
    this.userId = of.userId;
    this.username = of.username;
    this.scopes = of.scopes;
    this.tokenKind = of.tokenKind;
    this.sessionId = of.sessionId;
    this.tokenKey = of.tokenKey;
  }

  get isAdmin(): boolean {
    return this.scopes.has(ADMIN_SCOPE);
  }

  /** Whether the principal may use `scope`; ROLE_ADMIN implies every permission. */
  has(scope: string): boolean {
    return this.scopes.has(scope) || (this.isAdmin && !scope.startsWith('ROLE_'));
  }

  /**
   * Whether nothing in `scopes` goes beyond what the principal has: the condition for granting, or
   * for touching their holder.
   */
  covers(scopes: Iterable<string>): boolean {
    if (this.isAdmin) return true;
    for (const scope of scopes) if (!this.has(scope)) return false;
    return true;
  }
}
