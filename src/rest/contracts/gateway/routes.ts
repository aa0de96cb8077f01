import { precondition, type Route, route } from '../../contract';
import { requiredText } from '../../members';
import { GatewayConsumerDocument, GatewaySignInDocument, GatewayTokenDocument } from '../../operations.generated';

type Schema = Readonly<Record<string, unknown>>;

const object = (properties: Record<string, Schema>): Schema => ({
  type: 'object',
  properties,
  required: Object.keys(properties),
  additionalProperties: false,
});
const string: Schema = { type: 'string' };

/** The named schemas of the description. */
export const gatewaySchemas = {
  GatewaySignIn: object({ message: string, jwt_issuer_key: string }),
  GatewayToken: object({ access_token: string, token_type: { const: 'Bearer' }, expires_in: { type: 'integer', description: 'Seconds' } }),
  GatewayInfo: object({ message: string, username: string, consumer_id: string }),
  GatewayError: object({ message: string }),
} as const;

const ref = (name: keyof typeof gatewaySchemas): Schema => ({ $ref: `#/components/schemas/${name}` });
const key = 'pX0c2mB4v7aJw1sQkT9eRdLhUyNfGoZi';
const signedIn = 'Signed in: get a token for this key at /auth-jwt of the gateway';

/** That there is no gateway is said before anything else. */
const configured = (path: string) =>
  precondition(path, { operation: GatewayConsumerDocument, variables: () => ({}), counts: ['GATEWAY_NOT_CONFIGURED'] });

/** Sign-in (phase 1), token (phase 2), protected resource (phase 3). */
export const gatewayRoutes: readonly Route[] = [
  route({
    method: 'POST',
    path: '/api/public/signin',
    tag: 'Kong',
    summary: 'Sign in at the gateway',
    body: { username: requiredText('User name or e-mail address', 'admin'), password: requiredText('Password', 'password123') },
    precondition: configured('/api/public/signin'),
    operation: GatewaySignInDocument,
    variables: ({ body: { username, password } }) => ({ input: { username, password } }),
    result: ({ gatewaySignIn }) => ({ message: signedIn, jwt_issuer_key: gatewaySignIn.key }),
    answers: ref('GatewaySignIn'),
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
    operation: GatewayTokenDocument,
    variables: ({ body }) => ({ input: { key: body.key } }),
    result: ({ gatewayToken: { accessToken, tokenType, expiresIn } }) => ({
      access_token: accessToken,
      token_type: tokenType,
      expires_in: expiresIn,
    }),
    answers: ref('GatewayToken'),
    example: { access_token: 'eyJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJwWDBjIn0.c2lnbmF0dXJl', token_type: 'Bearer', expires_in: 900 },
    fails: ['UNKNOWN_GATEWAY_KEY', 'RATE_LIMITED', 'GATEWAY_NOT_CONFIGURED', 'GATEWAY_UNREACHABLE', 'GATEWAY_FAILED'],
  }),
  route({
    method: 'GET',
    path: '/api/jwt/info',
    tag: 'Kong',
    summary: 'Whom the gateway has let through',
    description: 'Answers requests that a trusted gateway passes on; anybody else is 401.',
    operation: GatewayConsumerDocument,
    variables: () => ({}),
    result: ({ gatewayConsumer: { id, username } }) => ({ message: 'The gateway accepted the token', username, consumer_id: id }),
    answers: ref('GatewayInfo'),
    example: { message: 'The gateway accepted the token', username: 'admin', consumer_id: '0b9f6c1e-5a55-4d0e-9f5b-3f8a1c0d2e47' },
    fails: ['UNAUTHENTICATED', 'GATEWAY_NOT_CONFIGURED'],
  }),
];
