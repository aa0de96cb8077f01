/** In seconds. */
export interface SessionLifetimes {
  /** A session that is not refreshed for so long is over. */
  refreshTtl: number;
  /** Any session is over so long after its login. */
  maxAge: number;
  /** For so long after its use a refresh token gives its successor again. */
  grace: number;
}
