import { ADMIN_SCOPE, coversScopes, hasScope } from './scopes';
import type { VerifiedToken } from './tokens/access-tokens';
import type { TokenKind } from './tokens/token-kinds';

/** The account behind a request, as an accepted token proves it. */
export class Principal {
  readonly userId: string;
  readonly username: string;
  /** Effective scopes: those of the token that the account still has. */
  readonly scopes: ReadonlySet<string>;
  readonly tokenKind: TokenKind;
  /** Null for a compat token of an earlier service. */
  readonly sessionId: string | null;
  /** Key in the deny list of a token without a session. */
  readonly tokenKey: string | null;
  /** What was presented. */
  readonly token: VerifiedToken;

  constructor(values: {
    userId: string;
    username: string;
    scopes: ReadonlySet<string>;
    tokenKind: TokenKind;
    sessionId: string | null;
    tokenKey: string | null;
    token: VerifiedToken;
  }) {
    this.userId = values.userId;
    this.username = values.username;
    this.scopes = values.scopes;
    this.tokenKind = values.tokenKind;
    this.sessionId = values.sessionId;
    this.tokenKey = values.tokenKey;
    this.token = values.token;
  }

  get isAdmin(): boolean {
    return this.scopes.has(ADMIN_SCOPE);
  }

  /** Whether the principal may use `scope`; ROLE_ADMIN implies every permission. */
  has(scope: string): boolean {
    return hasScope(this.scopes, scope);
  }

  /** Whether the principal has all of `scopes`: the condition for granting them, or for changing their holder. */
  covers(scopes: Iterable<string>): boolean {
    return coversScopes(this.scopes, scopes);
  }
}
