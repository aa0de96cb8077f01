import { type AccessTokens, claimedType } from '../../security/tokens/access-tokens';
import { REFRESH_TOKEN_TYPE, type RefreshTokens } from '../../security/tokens/refresh-tokens';
import type { SessionOfUser } from '../sessions/session-revocation';

/**
 * The session that a token of any kind names, expired or not; null for a compat token of an earlier
 * service, which has none.
 * @throws TokenError
 */
export async function findSessionOfToken(
  token: string,
  { accessTokens, refreshTokens }: { accessTokens: AccessTokens; refreshTokens: RefreshTokens },
): Promise<SessionOfUser | null> {
  if (claimedType(token) === REFRESH_TOKEN_TYPE) return refreshTokens.verify(token);
  const { sessionId, userId } = await accessTokens.verify(token, { expired: 'accept' });
  return sessionId !== null && userId !== null ? { sessionId, userId } : null;
}
