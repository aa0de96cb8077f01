type Json = Record<string, unknown>;

const json = (schema: Json) => ({ content: { 'application/json': { schema } } });

const health = {
  type: 'object',
  properties: {
    status: { type: 'string' },
    dependencies: { type: 'object', additionalProperties: { type: 'string', enum: ['up', 'down'] } },
  },
  required: ['status'],
};

/** What the GraphQL specification calls a response, section 7.1. */
const graphqlResponse = {
  type: 'object',
  properties: {
    data: { type: ['object', 'null'] },
    errors: {
      type: 'array',
      items: {
        type: 'object',
        properties: {
          message: { type: 'string' },
          path: { type: 'array', items: { type: ['string', 'number'] } },
          extensions: {
            type: 'object',
            properties: { code: { type: 'string', description: 'Stable; compare this one' } },
            required: ['code'],
          },
        },
        required: ['message'],
      },
    },
  },
};

const graphqlRequest = (query: string): Json => ({
  required: true,
  content: {
    'application/json': {
      schema: {
        type: 'object',
        properties: {
          query: { type: 'string' },
          variables: { type: 'object' },
          operationName: { type: 'string' },
        },
        required: ['query'],
      },
      example: { query },
    },
  },
});

/** OpenAPI path items of the paths that belong to no REST contract. */
export const describedPaths: Record<string, Json> = {
  '/graphql': {
    post: {
      tags: ['GraphQL'],
      summary: 'Run a GraphQL operation',
      description: 'Takes the session token of the `login` mutation; every field states the scope that it needs.',
      operationId: 'graphql',
      security: [{}, { sessionToken: [] }],
      requestBody: graphqlRequest('{ me { id username } }'),
      responses: {
        200: { description: 'The result of the operation, with its errors', ...json(graphqlResponse) },
        400: { description: 'The document was rejected', ...json(graphqlResponse) },
      },
    },
  },
  '/graphql/stream': {
    post: {
      tags: ['GraphQL'],
      summary: 'Watch a GraphQL subscription',
      description:
        'Server-sent events (GraphQL over SSE, distinct connections mode): `next` with a result, `complete`.',
      operationId: 'watchGraphql',
      security: [{ sessionToken: [] }],
      requestBody: graphqlRequest('subscription { accountChanged { kind at } }'),
      responses: {
        200: {
          description: 'The events, until the token ends',
          content: { 'text/event-stream': { schema: { type: 'string' } } },
        },
        400: { description: 'The document was rejected', ...json(graphqlResponse) },
        401: { description: 'The token is missing or not accepted', ...json(graphqlResponse) },
        403: { description: 'The token lacks the scope', ...json(graphqlResponse) },
        429: { description: 'The session has five streams already', ...json(graphqlResponse) },
      },
    },
  },
  '/health/live': {
    get: {
      tags: ['Operations'],
      summary: 'Whether the process answers',
      operationId: 'getLiveness',
      security: [],
      responses: { 200: { description: 'It does', ...json(health) } },
    },
  },
  '/health/ready': {
    get: {
      tags: ['Operations'],
      summary: 'Whether requests can be served',
      operationId: 'getReadiness',
      security: [],
      responses: {
        200: { description: 'They can; `dependencies` has the state of each that is configured', ...json(health) },
        503: { description: 'They cannot', ...json(health) },
      },
    },
  },
  '/.well-known/jwks.json': {
    get: {
      tags: ['Operations'],
      summary: 'The public keys of the session tokens (RFC 7517)',
      operationId: 'getPublicKeys',
      security: [],
      responses: {
        200: {
          description: 'A JWK set',
          ...json({
            type: 'object',
            properties: { keys: { type: 'array', items: { type: 'object' } } },
            required: ['keys'],
          }),
        },
      },
    },
  },
};
