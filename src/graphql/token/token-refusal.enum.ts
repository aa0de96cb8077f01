import { registerEnumType } from 'type-graphql';
import type { TokenRefusal as Refusal } from '../../security/tokens/token-error';

export const TokenRefusal = {
  MALFORMED: 'MALFORMED',
  WRONG_SIGNATURE: 'WRONG_SIGNATURE',
  WRONG_ISSUER: 'WRONG_ISSUER',
  WRONG_AUDIENCE: 'WRONG_AUDIENCE',
  WRONG_KIND: 'WRONG_KIND',
  NOT_YET_VALID: 'NOT_YET_VALID',
  EXPIRED: 'EXPIRED',
  USED: 'USED',
  REVOKED: 'REVOKED',
  SESSION_ENDED: 'SESSION_ENDED',
  UNKNOWN_ACCOUNT: 'UNKNOWN_ACCOUNT',
  ACCOUNT_DISABLED: 'ACCOUNT_DISABLED',
} as const satisfies { [Name in Refusal]: Name };

registerEnumType(TokenRefusal, {
  name: 'TokenRefusal',
  description: 'Why a token is refused; of several reasons, the first that was found.',
  valuesConfig: {
    MALFORMED: { description: 'It is no JSON Web Token in compact form, or lacks a claim.' },
    WRONG_SIGNATURE: { description: 'It is not signed with the key and the algorithm of this server.' },
    WRONG_ISSUER: { description: 'Its `iss` is not the issuer that this server expects.' },
    WRONG_AUDIENCE: { description: 'Its `aud` does not name this server.' },
    WRONG_KIND: { description: 'Its kind is not accepted here.' },
    NOT_YET_VALID: { description: 'Its `nbf` or `iat` is in the future.' },
    EXPIRED: { description: 'Its `exp` is in the past.' },
    USED: { description: 'It is a refresh token that has been used.' },
    REVOKED: { description: 'It was revoked, or is older than the last change that ended all tokens of its account.' },
    SESSION_ENDED: { description: 'Its session was ended, or has expired.' },
    UNKNOWN_ACCOUNT: { description: 'Its account does not exist, or is not the one of its session.' },
    ACCOUNT_DISABLED: { description: 'Its account is disabled.' },
  },
});
