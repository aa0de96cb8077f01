import { z } from 'zod';
import { AppError } from '../../errors/app-error';
import type { ErrorCode } from '../../errors/catalogue';
import { isPublic } from '../../graphql/access/access-rule';
import { readOperation } from '../../graphql/server/operation';
import type { Contract, ErrorMapping, Failure, FailureCode, Members, Route } from './contract';
import { badRequest, type RequestErrorCode, requestErrors } from './request-error';

export type Json = Record<string, unknown>;

/** The OpenAPI 3.1 operation of a row. */
export class OperationDescription {
  constructor(
    private readonly route: Route,
    private readonly contract: Contract,
    /** Collects the named schemas that the operation refers to. */
    private readonly schemas: Json,
  ) {}

  toJson(): Json {
    const needsToken = !isPublicRoute(this.route);
    const params = [...this.route.path.matchAll(/:(\w+)/g)].map(([, name]) => name);
    return {
      tags: [this.route.tag],
      summary: this.route.summary,
      ...(this.route.description && { description: this.route.description }),
      operationId: this.route.operationId,
      security: needsToken ? [{ [this.contract.bearer.name]: [] }] : [],
      ...(this.route.tokenAt !== undefined && {
        'x-authorizes': { scheme: this.contract.bearer.name, tokenAt: this.route.tokenAt },
      }),
      ...(params.length > 0 && {
        parameters: params.map((name) => ({
          name,
          in: 'path',
          required: true,
          schema: { type: 'string', minLength: 1 },
        })),
      }),
      ...(this.route.body && {
        requestBody: {
          required: true,
          content: content(this.bodySchema(this.route.body), bodyExample(this.route.body)),
        },
      }),
      responses: {
        [this.route.status]: { description: 'Done', ...this.success() },
        ...this.failures(failuresOf(this.route, needsToken)),
        default: { description: 'Any other failure', content: content(this.schema(this.contract.failureSchema)) },
      },
    };
  }

  private success(): Json {
    const example = this.contract.success(this.route.example, this.route.message);
    if (example === undefined) return {};
    const body = this.schema(this.contract.successSchema(this.route.answers, this.route.message));
    return { content: content(this.named('Response', body), example) };
  }

  /** Members that are not listed are ignored, not forbidden. */
  private bodySchema(body: z.ZodObject): Json {
    const { additionalProperties: _, ...schema } = this.schema(body);
    return this.named('Request', schema);
  }

  /** A reference to the schema under the operation's name, where it has no name of its own. */
  private named(suffix: 'Request' | 'Response', schema: Json): Json {
    if (Object.hasOwn(schema, '$ref')) return schema;
    const name = capitalized(this.route.operationId) + suffix;
    this.schemas[name] = schema;
    return { $ref: `#/components/schemas/${name}` };
  }

  /** One response for each status, with an example for each error that has it. */
  private failures(codes: readonly FailureCode[]): Json {
    const byStatus = Map.groupBy(codes, (code) => this.contract.errors[code].status);
    const schema = this.schema(this.contract.failureSchema);
    return Object.fromEntries(
      [...byStatus].map(([status, group]) => {
        const examples = group.map((code) => [
          code,
          { value: failureExample(this.contract, this.contract.errors[code], code) },
        ]);
        return [
          status,
          {
            description: group.map(titleOf).join('; '),
            content: { 'application/json': { schema, examples: Object.fromEntries(examples) } },
          },
        ];
      }),
    );
  }

  /** The JSON Schema, with references to the named schemas among the components. */
  private schema(schema: z.ZodType): Json {
    const json = JSON.stringify(z.toJSONSchema(schema)).replaceAll('#/$defs/', '#/components/schemas/');
    const { $schema: _, $defs = {}, ...rest } = JSON.parse(json) as Json & { $defs?: Json };
    Object.assign(this.schemas, $defs);
    return rest;
  }
}

/** Whether a row needs no token. */
export const isPublicRoute = (route: Route): boolean => {
  const { access, argumentNames } = readOperation(route.operation);
  const params = Object.fromEntries([...route.path.matchAll(/:(\w+)/g)].map(([, name]) => [name, '']));
  const variables = route.accessVariables({ params });
  return isPublic(access, Object.fromEntries(argumentNames.map(([name, variable]) => [name, variables[variable]])));
};

const content = (schema: unknown, example?: unknown): Json => ({
  'application/json': { schema, ...(example !== undefined && { example }) },
});

const bodyExample = (body: z.ZodObject): Json =>
  Object.fromEntries(
    Object.entries(body.shape as Members).map(([name, member]) => {
      const [example] = (member.meta()?.examples ?? []) as unknown[];
      return [name, example];
    }),
  );

/** The row's own errors, and those that come with its access and its body. */
function failuresOf(route: Route, needsToken: boolean): FailureCode[] {
  const access: ErrorCode[] = needsToken ? ['UNAUTHENTICATED', 'FORBIDDEN'] : [];
  const body: FailureCode[] = route.body ? ['MALFORMED_BODY', 'PAYLOAD_TOO_LARGE', 'UNSUPPORTED_MEDIA_TYPE'] : [];
  return [...new Set([...access, ...(route.fails ?? []), ...body, 'SERVICE_UNAVAILABLE' as const])];
}

export const capitalized = (text: string): string => text[0]!.toUpperCase() + text.slice(1);

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

function failureExample(contract: Contract, mapping: ErrorMapping, code: FailureCode): unknown {
  const failure: Failure = isRequestError(code)
    ? badRequest(code, 'body', 'The body is not valid JSON')
    : new AppError(code, { ...EXAMPLE_PARAMS, min: EXAMPLE_MINIMA[code] ?? 0 });
  return contract.failure(failure, mapping, { language: 'en' });
}

const isRequestError = (code: FailureCode): code is RequestErrorCode => Object.hasOwn(requestErrors, code);
