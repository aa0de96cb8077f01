/** In seconds. */
export interface SessionLifetimes {
  /** A session with a refresh token that is not refreshed for so long is over. */
  refreshTtl: number;
  /** A session of compat tokens that is not refreshed for so long is over. */
  compatIdle: number;
  /** Any session is over so long after its login. */
  maxAge: number;
  /** For so long a token that was refreshed may be presented again without ending its session. */
  grace: number;
}
