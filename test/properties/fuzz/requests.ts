import fc from 'fast-check';
import {
  type GraphQLInputType,
  type GraphQLNamedType,
  type GraphQLSchema,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
} from 'graphql';
import { restContracts } from '../../../src/rest/contracts';
import { minimalOperation, type RootField, rootFields } from '../../support/minimal-operation';
import { anything, mutated, nasty, text } from './values';

/** Whose token is sent; `forged` is garbage in the form of one. */
export type Sender = 'admin' | 'member' | 'compat' | 'nobody' | 'forged';

export interface FuzzRequest {
  /** Which of the server's ports. */
  port: 'main' | 'gateway';
  method: string;
  path: string;
  headers: Record<string, string>;
  body: string | Uint8Array | undefined;
  sender: Sender;
}

const sender = fc.constantFrom<Sender>('admin', 'admin', 'member', 'compat', 'nobody', 'forged');
const bytes = fc.uint8Array({ maxLength: 300 });
const oddHeaders = fc.oneof(
  { weight: 12, arbitrary: fc.constant({}) },
  {
    weight: 1,
    arbitrary: fc.constantFrom<Record<string, string>>(
      { host: '[' },
      { host: 'a b' },
      { host: '::' },
      { host: '%' },
      { host: '' },
      { accept: 'application/graphql-response+json' },
      { accept: 'x/y;q=z' },
      { 'accept-language': '*,;q=9' },
      { 'content-encoding': 'gzip' },
      { 'content-type': 'application/json; charset=utf-16' },
      { 'content-type': 'multipart/form-data; boundary=x' },
      { 'content-type': 'x' },
      { 'x-consumer-username': 'admin', 'x-consumer-custom-id': '1', 'x-credential-identifier': 'x' },
      { 'x-http-method-override': 'DELETE' },
      { origin: 'null' },
      { cookie: 'a=b; __proto__=c' },
      { authorization: 'Basic YTpi' },
      { authorization: 'Bearer' },
      { authorization: `Bearer ${'a.'.repeat(2000)}` },
    ),
  },
);

/** A value for an input type: nine times in ten of its form. */
function inputValue(type: GraphQLInputType): fc.Arbitrary<unknown> {
  if (isNonNullType(type)) return inputValue(type.ofType);
  const shaped = ((): fc.Arbitrary<unknown> => {
    if (isListType(type)) return fc.array(inputValue(type.ofType), { maxLength: 3 });
    if (isEnumType(type)) return fc.constantFrom(...type.getValues().map(({ name }) => name));
    if (isInputObjectType(type)) {
      const members = Object.values(type.getFields());
      return fc.record(Object.fromEntries(members.map((member) => [member.name, inputValue(member.type)])), {
        requiredKeys: members.filter((member) => isNonNullType(member.type)).map(({ name }) => name),
      });
    }
    const { name } = type as GraphQLNamedType;
    if (name === 'Int') return fc.constantFrom(0, 1, -1, 20, 1000, 2 ** 31, 1.5);
    return name === 'Boolean' ? fc.boolean() : text;
  })();
  return fc.oneof({ weight: 9, arbitrary: shaped }, { weight: 1, arbitrary: anything });
}

/** An operation of the schema with values for all of its arguments. */
function operation(field: RootField): fc.Arbitrary<{ query: string; variables: Record<string, unknown> }> {
  const args = Object.fromEntries(field.field.args.map((arg) => [arg.name, inputValue(arg.type)]));
  const { query } = minimalOperation(field, Object.fromEntries(field.field.args.map(({ name }) => [name, null])));
  return fc.record(args).map((variables) => ({ query, variables }));
}

function graphqlRequest(schema: GraphQLSchema): fc.Arbitrary<FuzzRequest> {
  const operations = fc.oneof(...rootFields(schema).map(operation));
  const document = operations.map(({ query }) => query);
  const post = fc.oneof(
    { weight: 12, arbitrary: operations.map((sent) => JSON.stringify(sent)) },
    { weight: 3, arbitrary: mutated(document).map((query) => JSON.stringify({ query, variables: {} })) },
    { weight: 2, arbitrary: mutated(operations.map((sent) => JSON.stringify(sent))) },
    {
      weight: 2,
      arbitrary: fc
        .record({ query: fc.oneof(document, anything), variables: anything, operationName: anything })
        .map((sent) => JSON.stringify(sent)),
    },
    { weight: 1, arbitrary: fc.array(operations, { maxLength: 3 }).map((sent) => JSON.stringify(sent)) },
    {
      weight: 1,
      arbitrary: fc
        .nat(5000)
        .map((depth) => `{"query":"{me{id}}","variables":{"a":${'['.repeat(depth)}${']'.repeat(depth)}}}`),
    },
    { weight: 1, arbitrary: bytes },
  );
  const request = { port: fc.constant('main' as const), sender };
  return fc.oneof(
    {
      weight: 9,
      arbitrary: fc.record({ ...request, body: post, odd: oddHeaders }).map(({ odd, ...rest }) => ({
        ...rest,
        method: 'POST',
        path: '/graphql',
        headers: { 'content-type': 'application/json', ...odd },
      })),
    },
    {
      weight: 1,
      arbitrary: fc
        .record({ ...request, query: fc.oneof(document, mutated(document), nasty), odd: oddHeaders })
        .map(({ query, odd, ...rest }) => ({
          ...rest,
          method: 'GET',
          path: `/graphql?query=${encodeURIComponent(query.toWellFormed())}`,
          headers: { 'apollo-require-preflight': 'true', ...odd },
          body: undefined,
        })),
    },
  );
}

const MEMBERS = [
  'username',
  'password',
  'email',
  'token',
  'refreshToken',
  'refresh_token',
  'firstName',
  'lastName',
  'dob',
  'phone',
  'roles',
  'permissions',
  'name',
  'description',
  'otp',
  'code',
  'newPassword',
  'currentPassword',
  'oldPassword',
  'key',
  '__proto__',
];

function restRequest(): fc.Arbitrary<FuzzRequest> {
  const rows = restContracts({ strict: false }, {} as never).flatMap(({ mounts, routes }) =>
    (['main', 'gateway'] as const).flatMap((port) =>
      mounts[port].flatMap(({ prefix, only = '' }) =>
        routes
          .filter(({ path }) => path.startsWith(only))
          .map(({ method, path }) => ({ port, method, path: prefix + path })),
      ),
    ),
  );
  const segment = fc.oneof(
    {
      weight: 5,
      arbitrary: fc.constantFrom('00000000-0000-4000-8000-000000000000', 'INTROSPECT_TOKENS', 'ADMIN', 'TEAM'),
    },
    { weight: 2, arbitrary: text.map((raw) => encodeURIComponent(raw.toWellFormed().slice(0, 2000)) || 'x') },
    { weight: 1, arbitrary: fc.constantFrom('%', '%ZZ', '%ED%A0%80', '%C0%AF', '..', ';', '%2f') },
  );
  const shaped = fc.record(Object.fromEntries(MEMBERS.map((name) => [name, anything])), { requiredKeys: [] });
  const body = fc.oneof(
    { weight: 8, arbitrary: shaped.map((sent) => JSON.stringify(sent)) },
    { weight: 2, arbitrary: mutated(shaped.map((sent) => JSON.stringify(sent))) },
    { weight: 1, arbitrary: fc.jsonValue().map((sent) => JSON.stringify(sent)) },
    { weight: 1, arbitrary: bytes },
  );
  return fc
    .record({
      row: fc.constantFrom(...rows),
      params: fc.array(segment, { minLength: 3, maxLength: 3 }),
      search: fc.oneof({ weight: 4, arbitrary: fc.constant('') }, { weight: 1, arbitrary: segment }),
      otherMethod: fc.oneof(
        { weight: 15, arbitrary: fc.constant(undefined) },
        { weight: 1, arbitrary: fc.constantFrom('GET', 'POST', 'PUT', 'DELETE', 'PATCH', 'HEAD', 'OPTIONS') },
      ),
      body,
      sender,
      odd: oddHeaders,
    })
    .map(({ row, params, search, otherMethod, body, sender, odd }) => {
      const method = otherMethod ?? row.method;
      const hasBody = !['GET', 'HEAD'].includes(method);
      let used = 0;
      return {
        port: row.port,
        method,
        path: row.path.replace(/:\w+/g, () => params[used++] ?? 'x') + (search && `?${search}`),
        headers: { ...(hasBody && { 'content-type': 'application/json' }), ...odd },
        body: hasBody ? body : undefined,
        sender,
      };
    });
}

/** Paths beside the contracts: documents, pages, health, and what is not there. */
const otherRequest: fc.Arbitrary<FuzzRequest> = fc
  .record({
    port: fc.constantFrom('main' as const, 'gateway' as const),
    method: fc.constantFrom('GET', 'HEAD', 'POST', 'OPTIONS', 'PROPFIND'),
    path: mutated(
      fc.constantFrom(
        '/',
        '/health/ready',
        '/openapi.json',
        '/.well-known/jwks.json',
        '/playground/assets/x.js',
        '/docs/',
        '/verify-email?token=x',
      ),
    ),
    odd: oddHeaders,
    sender,
  })
  .map(({ path, odd, ...rest }) => ({
    ...rest,
    path: `/${encodeURI(path.toWellFormed()).replace(/^\/+/, '')}`,
    headers: odd,
    body: undefined,
  }));

/** Requests to every channel of the server. */
export const fuzzRequests = (schema: GraphQLSchema): fc.Arbitrary<FuzzRequest> =>
  fc.oneof(
    { weight: 10, arbitrary: graphqlRequest(schema) },
    { weight: 10, arbitrary: restRequest() },
    { weight: 1, arbitrary: otherRequest },
  );

/** Bytes that are nearly HTTP. */
export const fuzzBytes: fc.Arbitrary<Uint8Array> = fc.oneof(
  mutated(
    fc.constantFrom(
      'POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 21\r\nConnection: close\r\n\r\n{"query":"{me{id}}"} ',
      'GET /identity/users HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer x\r\nConnection: close\r\n\r\n',
      'POST /api/auth/login HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n2\r\n{}\r\n0\r\n\r\n',
    ),
  ).map((request) => Buffer.from(request, 'latin1')),
  bytes,
);
