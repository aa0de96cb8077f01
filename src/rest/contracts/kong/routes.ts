import { z } from 'zod';
import { precondition, type Route, route } from '../../engine/contract';
import { requiredText } from '../../engine/request-body';
import { KongConsumerDocument, KongSignInDocument, KongTokenDocument } from '../../generated/operations';

const KongSignIn = z.object({ message: z.string(), jwt_issuer_key: z.string() }).meta({ id: 'KongSignIn' });

const KongToken = z
  .object({
    access_token: z.string(),
    token_type: z.literal('Bearer'),
    expires_in: z.number().meta({ type: 'integer', description: 'Seconds' }),
  })
  .meta({ id: 'KongToken' });

const GatewayInfo = z
  .object({ message: z.string(), username: z.string(), consumer_id: z.string() })
  .meta({ id: 'GatewayInfo' });

export const kongFailureSchema = z.object({ message: z.string() }).meta({ id: 'KongError' });

const key = 'pX0c2mB4v7aJw1sQkT9eRdLhUyNfGoZi';
const signedIn = 'Signed in: get a token for this key at /auth-jwt of the gateway';

/** A missing configuration is reported before an invalid body. */
const configured = (path: string) =>
  precondition(path, { operation: KongConsumerDocument, variables: () => ({}), errors: ['GATEWAY_NOT_CONFIGURED'] });

/** Sign-in (phase 1), token (phase 2), protected resource (phase 3). */
export const kongRoutes: readonly Route[] = [
  route({
    method: 'POST',
    path: '/api/public/signin',
    tag: 'Kong',
    operationId: 'signInAtKong',
    summary: 'Sign in at Kong',
    body: {
      username: requiredText('User name or e-mail address', 'admin'),
      password: requiredText('Password', 'password123'),
    },
    precondition: configured('/api/public/signin'),
    operation: KongSignInDocument,
    variables: ({ body: { username, password } }) => ({ input: { username, password } }),
    result: ({ kongSignIn }) => ({ message: signedIn, jwt_issuer_key: kongSignIn.key }),
    answers: KongSignIn,
    example: { message: signedIn, jwt_issuer_key: key },
    fails: [
      'INVALID_CREDENTIALS',
      'ACCOUNT_DISABLED',
      'RATE_LIMITED',
      'GATEWAY_NAME_UNSUPPORTED',
      'GATEWAY_NAME_TAKEN',
      'GATEWAY_NOT_CONFIGURED',
      'GATEWAY_UNREACHABLE',
      'GATEWAY_FAILED',
    ],
  }),
  route({
    method: 'POST',
    path: '/api/public/auth-jwt',
    tag: 'Kong',
    operationId: 'getKongToken',
    summary: 'Get a token that Kong accepts',
    description: 'Kong routes POST /auth-jwt here.',
    body: { key: requiredText('The jwt_issuer_key of the sign-in', key) },
    precondition: configured('/api/public/auth-jwt'),
    operation: KongTokenDocument,
    variables: ({ body }) => ({ input: { key: body.key } }),
    result: ({ kongToken: { accessToken, tokenType, expiresIn } }) => ({
      access_token: accessToken,
      token_type: tokenType,
      expires_in: expiresIn,
    }),
    answers: KongToken,
    tokenAt: '/access_token',
    example: {
      access_token: 'eyJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJwWDBjIn0.c2lnbmF0dXJl',
      token_type: 'Bearer',
      expires_in: 900,
    },
    fails: ['UNKNOWN_GATEWAY_KEY', 'RATE_LIMITED', 'GATEWAY_NOT_CONFIGURED', 'GATEWAY_UNREACHABLE', 'GATEWAY_FAILED'],
  }),
  route({
    method: 'GET',
    path: '/api/jwt/info',
    tag: 'Kong',
    operationId: 'getKongConsumer',
    summary: 'The consumer that Kong has authenticated',
    description: 'Answers requests that come through a trusted Kong; others are 401.',
    operation: KongConsumerDocument,
    variables: () => ({}),
    result: ({ kongConsumer: { id, username } }) => ({
      message: 'The gateway accepted the token',
      username,
      consumer_id: id,
    }),
    answers: GatewayInfo,
    example: {
      message: 'The gateway accepted the token',
      username: 'admin',
      consumer_id: '0b9f6c1e-5a55-4d0e-9f5b-3f8a1c0d2e47',
    },
    fails: ['UNAUTHENTICATED', 'GATEWAY_NOT_CONFIGURED'],
  }),
];
