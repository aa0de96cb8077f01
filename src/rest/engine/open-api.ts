import { AppError } from '../../errors/app-error';
import type { ErrorCode } from '../../errors/catalogue';
import type { Contract, ErrorMapping, Failure, FailureCode, Route } from './contract';
import type { Member, Members } from './members';
import { readOperation } from './operation-runner';
import { badRequest, type RequestErrorCode, requestErrors } from './request-error';

type Json = Record<string, unknown>;

/** A contract with the named schemas that its rows refer to. */
export interface DescribedContract {
  contract: Contract;
  schemas: Json;
  /** Name of the schema of its failures. */
  failure: string;
}

/** The OpenAPI 3.1 description of the main port, made from the rows that are served there. */
export function openApiDocument(described: readonly DescribedContract[], version: string): Json {
  const paths: Record<string, Json> = {};
  for (const { contract, failure } of described) {
    for (const { prefix, only } of contract.mounts.main) {
      for (const route of contract.routes) {
        if (only !== undefined && !route.path.startsWith(only)) continue;
        const path = (prefix + route.path).replace(/:(\w+)/g, '{$1}');
        paths[path] = { ...paths[path], [route.method.toLowerCase()]: operation(route, contract, failure) };
      }
    }
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Identity server',
      version,
      description:
        'The REST channels. Each of their operations is one of the GraphQL API, with the same scopes, limits and validation.',
    },
    servers: [{ url: '/' }],
    tags: [...new Set(described.flatMap(({ contract }) => contract.routes.map(({ tag }) => tag)))].map((name) => ({
      name,
    })),
    paths,
    components: {
      schemas: Object.assign({}, ...described.map(({ schemas }) => schemas)),
      securitySchemes: {
        bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT', description: 'The token that a login gives' },
      },
    },
  };
}

function operation(route: Route, contract: Contract, failure: string): Json {
  const { kind } = readOperation(route.operation).access;
  const params = [...route.path.matchAll(/:(\w+)/g)].map(([, name]) => name);
  return {
    tags: [route.tag],
    summary: route.summary,
    ...(route.description && { description: route.description }),
    operationId: `${contract.name}: ${route.method} ${route.path}`.toLowerCase().replace(/\W+/g, '-'),
    security: kind === 'anybody' && !route.precondition ? [] : [{ bearer: [] }],
    ...(params.length > 0 && {
      parameters: params.map((name) => ({
        name,
        in: 'path',
        required: true,
        schema: { type: 'string', minLength: 1 },
      })),
    }),
    ...(route.body && {
      requestBody: { required: true, content: json(bodySchema(route.body), bodyExample(route.body)) },
    }),
    responses: {
      [route.status]: { description: 'Done', ...successContent(route, contract) },
      ...failures(failuresOf(route, kind !== 'anybody'), contract, failure),
      default: { description: 'Any other failure', content: json({ $ref: `#/components/schemas/${failure}` }) },
    },
  };
}

const json = (schema: unknown, example?: unknown): Json => ({
  'application/json': { schema, ...(example !== undefined && { example }) },
});

function successContent(route: Route, contract: Contract): Json {
  const example = contract.success(route.example, route.message);
  return example === undefined ? {} : { content: json(contract.successSchema(route.answers, route.message), example) };
}

const types: Record<Member['kind'], Json> = {
  text: { type: 'string' },
  texts: { type: 'array', items: { type: 'string' } },
};

function bodySchema(members: Members): Json {
  const properties = Object.entries(members).map(([name, { kind, whenMissing, description, schema }]) => {
    const type = whenMissing === 'left-out' ? { ...types[kind], type: [types[kind].type, 'null'] } : types[kind];
    return [name, { ...type, ...schema, description }];
  });
  const required = Object.keys(members).filter((name) => members[name]!.whenMissing !== 'left-out');
  return { type: 'object', properties: Object.fromEntries(properties), ...(required.length > 0 && { required }) };
}

const bodyExample = (members: Members): Json =>
  Object.fromEntries(Object.entries(members).map(([name, { example }]) => [name, example]));

/** The row's own errors, and those that come with its access and its body. */
function failuresOf(route: Route, needsToken: boolean): FailureCode[] {
  const access: ErrorCode[] = needsToken ? ['UNAUTHENTICATED', 'FORBIDDEN'] : [];
  const body: FailureCode[] = route.body ? ['MALFORMED_BODY', 'PAYLOAD_TOO_LARGE', 'UNSUPPORTED_MEDIA_TYPE'] : [];
  return [...new Set([...access, ...(route.fails ?? []), ...body, 'SERVICE_UNAVAILABLE' as const])];
}

/** One response for each status, with an example for each error that has it. */
function failures(codes: readonly FailureCode[], contract: Contract, schema: string): Json {
  const byStatus = Map.groupBy(codes, (code) => contract.errors[code].status);
  return Object.fromEntries(
    [...byStatus].map(([status, group]) => [
      status,
      {
        description: group.map((code) => titleOf(code)).join('; '),
        content: {
          'application/json': {
            schema: { $ref: `#/components/schemas/${schema}` },
            examples: Object.fromEntries(
              group.map((code) => [code, { value: exampleOf(contract, contract.errors[code], code) }]),
            ),
          },
        },
      },
    ]),
  );
}

const titleOf = (code: string): string => code[0] + code.slice(1).toLowerCase().replaceAll('_', ' ');

const EXAMPLE_PARAMS = {
  name: 'EDITOR',
  retryAfter: 60,
  needs: 'READ_USERS',
  detail: 'Phone must be 6 to 20 characters',
};
const EXAMPLE_MINIMA: Partial<Record<FailureCode, number>> = {
  USERNAME_TOO_SHORT: 4,
  PASSWORD_TOO_SHORT: 6,
  AGE_TOO_LOW: 10,
};

function exampleOf(contract: Contract, mapping: ErrorMapping, code: FailureCode): unknown {
  const failure: Failure = isRequestError(code)
    ? badRequest(code, 'body', 'The body is not valid JSON')
    : new AppError(code, { ...EXAMPLE_PARAMS, min: EXAMPLE_MINIMA[code] ?? 0 });
  return contract.failure(failure, mapping, { language: 'en' });
}

const isRequestError = (code: FailureCode): code is RequestErrorCode => Object.hasOwn(requestErrors, code);
