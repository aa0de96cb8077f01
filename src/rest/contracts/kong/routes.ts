import { precondition, type Route, route } from '../../engine/contract';
import { requiredText } from '../../engine/members';
import { KongConsumerDocument, KongSignInDocument, KongTokenDocument } from '../../generated/operations';

type Schema = Readonly<Record<string, unknown>>;

const object = (properties: Record<string, Schema>): Schema => ({
  type: 'object',
  properties,
  required: Object.keys(properties),
  additionalProperties: false,
});
const string: Schema = { type: 'string' };

/** The named schemas of the description. */
export const kongSchemas = {
  KongSignIn: object({ message: string, jwt_issuer_key: string }),
  KongToken: object({
    access_token: string,
    token_type: { const: 'Bearer' },
    expires_in: { type: 'integer', description: 'Seconds' },
  }),
  GatewayInfo: object({ message: string, username: string, consumer_id: string }),
  KongErrorMapping: object({ message: string }),
} as const;

const ref = (name: keyof typeof kongSchemas): Schema => ({ $ref: `#/components/schemas/${name}` });
const key = 'pX0c2mB4v7aJw1sQkT9eRdLhUyNfGoZi';
const signedIn = 'Signed in: get a token for this key at /auth-jwt of the gateway';

/** That there is no gateway is said before anything else. */
const configured = (path: string) =>
  precondition(path, { operation: KongConsumerDocument, variables: () => ({}), counts: ['GATEWAY_NOT_CONFIGURED'] });

/** Sign-in (phase 1), token (phase 2), protected resource (phase 3). */
export const kongRoutes: readonly Route[] = [
  route({
    method: 'POST',
    path: '/api/public/signin',
    tag: 'Kong',
    summary: 'Sign in at the gateway',
    body: {
      username: requiredText('User name or e-mail address', 'admin'),
      password: requiredText('Password', 'password123'),
    },
    precondition: configured('/api/public/signin'),
    operation: KongSignInDocument,
    variables: ({ body: { username, password } }) => ({ input: { username, password } }),
    result: ({ kongSignIn }) => ({ message: signedIn, jwt_issuer_key: kongSignIn.key }),
    answers: ref('KongSignIn'),
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
    summary: 'Get a token that the gateway accepts',
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
    answers: ref('KongToken'),
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
    summary: 'Whom the gateway has let through',
    description: 'Answers requests that a trusted gateway passes on; anybody else is 401.',
    operation: KongConsumerDocument,
    variables: () => ({}),
    result: ({ kongConsumer: { id, username } }) => ({
      message: 'The gateway accepted the token',
      username,
      consumer_id: id,
    }),
    answers: ref('GatewayInfo'),
    example: {
      message: 'The gateway accepted the token',
      username: 'admin',
      consumer_id: '0b9f6c1e-5a55-4d0e-9f5b-3f8a1c0d2e47',
    },
    fails: ['UNAUTHENTICATED', 'GATEWAY_NOT_CONFIGURED'],
  }),
];
