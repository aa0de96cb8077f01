import type { TypedDocumentNode } from '@graphql-typed-document-node/core';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { FieldProblem } from '../../errors/app-error';
import type { ErrorCode } from '../../errors/catalogue';
import type { Answered } from '../../graphql/server/execute';
import type { ChannelPolicy } from '../../security/channel-policy';
import type { Caller } from '../../services/caller';
import type { RequestErrorCode } from './request-error';

/** Everything that can go wrong at a REST channel. */
export type FailureCode = ErrorCode | RequestErrorCode;

/** An error before a contract maps it: an AppError or a RequestError. */
export interface Failure {
  readonly code: FailureCode;
  readonly message: string;
  readonly params: Readonly<Record<string, string | number>>;
  readonly problems: readonly FieldProblem[];
}

/** What a contract makes of an error code; contracts add their own members. */
export interface ErrorMapping {
  readonly status: number;
}

type Language = Caller['language'];

/** One REST contract: its channel, its paths, its rows and the form of its answers. It decides nothing. */
export interface Contract<S extends ErrorMapping = ErrorMapping> {
  readonly name: string;
  readonly channel: ChannelPolicy;
  /** Of its errors where the client asks for none; DEFAULT_LANGUAGE unless it is given. */
  readonly language?: Language;
  /** The bearer token of its rows, as OpenAPI names it. */
  readonly bearer: BearerScheme;
  /** Where its rows are mounted on the main port and on the gateway port. */
  readonly mounts: Readonly<Record<Port, readonly Mount[]>>;
  readonly routes: readonly Route[];
  /** Every error code: a new one does not compile until each contract maps it. */
  readonly errors: Readonly<Record<FailureCode, S>>;
  /** The body of a success, and its schema. */
  success(result: unknown, message?: string): unknown;
  successSchema(result: z.ZodType, message?: string): z.ZodType;
  /** The body of a failure, and its schema; `result` only where the row gives one. */
  failure(failure: Failure, mapping: S, how: { language: Language; result?: unknown }): unknown;
  readonly failureSchema: z.ZodType;
  /** Adds what the channel knows of the caller beside the bearer token. */
  extendCaller?(request: FastifyRequest): Partial<Caller>;
}

export type Port = 'main' | 'gateway';

/** A prefix of the rows' paths; `only` selects the rows whose path starts with it. */
export interface Mount {
  readonly prefix: string;
  readonly only?: string;
  /** Keeps the operation ids of a second mount unique: `gateway` makes `gatewayLogin` of `login`. */
  readonly operationIdPrefix?: string;
}

/** The paths of a mount with their rows, in the order of the contract. */
export const rowsOf = ({ prefix, only }: Mount, routes: readonly Route[]): { path: string; route: Route }[] =>
  routes
    .filter(({ path }) => only === undefined || path.startsWith(only))
    .map((route) => ({ path: prefix + route.path, route }));

/** A security scheme of OpenAPI. */
interface BearerScheme {
  readonly name: string;
  readonly description: string;
}

export type Method = 'GET' | 'POST' | 'PUT' | 'DELETE';

type ParamName<Path extends string> = Path extends `${string}:${infer Name}/${infer Rest}`
  ? Name | ParamName<`/${Rest}`>
  : Path extends `${string}:${infer Name}`
    ? Name
    : never;

/** The members of a request body; others are ignored. */
export type Members = Readonly<Record<string, z.ZodType>>;

/** The parts of a request that a row maps to variables. */
export interface RestRequest<Path extends string = string, M extends Members = Members> {
  readonly params: { readonly [N in ParamName<Path>]: string };
  readonly body: z.output<z.ZodObject<M>>;
}

type PathRequest<Path extends string = string> = Pick<RestRequest<Path>, 'params'>;

/** An operation with its variables. */
interface Invocation {
  readonly operation: TypedDocumentNode<unknown, Record<string, unknown>>;
  variables(request: RestRequest): Record<string, unknown>;
}

/** An operation that runs before a row rejects a body, and those of its errors that take precedence. */
export interface Precondition {
  readonly operation: Invocation['operation'];
  variables(request: PathRequest): Record<string, unknown>;
  readonly errors: readonly ErrorCode[];
}

/** The OpenAPI description of a row. */
interface Description {
  readonly tag: string;
  /** Unique among all contracts: code generators name a function, its request and its response after it. */
  readonly operationId: string;
  readonly summary: string;
  /** What a reader has to know beyond the summary. */
  readonly description?: string;
  /** What the success body holds. */
  readonly answers: z.ZodType;
  /** An example of `answers`. */
  readonly example: unknown;
  /** Errors of this row; those of its access and its body are added. */
  readonly fails?: readonly ErrorCode[];
  /** Where the success body holds a bearer token of this contract (RFC 6901). */
  readonly tokenAt?: string;
}

/** A row with its types erased, as the plugin runs it. */
export interface Route extends Invocation, Description {
  readonly method: Method;
  readonly path: string;
  readonly body: z.ZodObject | null;
  readonly status: number;
  /** A sentence for people beside the result. */
  readonly message?: string;
  result(data: unknown): unknown;
  /** The variables that access depends on. They are known before the body is read. */
  accessVariables(request: PathRequest): Record<string, unknown>;
  /** Errors that this row answers as a success, with their result. */
  readonly errorsAsSuccess: Readonly<Partial<Record<ErrorCode, () => unknown>>>;
  /** Answers a successful operation as a failure that carries this result. */
  readonly failWhen?: { when(data: unknown): boolean; as: ErrorCode; result: unknown };
  /** Runs when the body is unusable, because errors of existence come before those of the body. */
  readonly precondition?: Precondition;
  /** Set for lists that are read page by page: `next` gives the cursor for the next page's variables. */
  readonly pages?: { variables(after: string | null): Record<string, unknown>; next(data: unknown): string | null };
}

/** A with the members of V alone: TypeScript does not report excess members of a returned literal. */
type Exactly<A, V> = A extends readonly unknown[] | string | number | boolean | null | undefined
  ? A
  : { [K in keyof A]: K extends keyof V ? Exactly<A[K], NonNullable<V[K]>> : never };

type DeepPartial<V> = V extends readonly unknown[] ? V : V extends object ? { [K in keyof V]?: DeepPartial<V[K]> } : V;

interface Row<Path extends string, M extends Members, R, V> extends Description {
  method: Method;
  path: Path;
  body?: M;
  status?: number;
  message?: string;
  operation: TypedDocumentNode<R, V>;
  result(data: Answered<R>): unknown;
  accessVariables?(request: PathRequest<Path>): DeepPartial<NoInfer<V>>;
  errorsAsSuccess?: Route['errorsAsSuccess'];
  failWhen?: { when(data: Answered<R>): boolean; as: ErrorCode; result: unknown };
  precondition?: Precondition;
}

/**
 * A row of a contract: verb and path → document → variables and result. A name that the document,
 * the path or the body does not have does not compile.
 */
export function route<Path extends string, R, V, A extends V, const M extends Members = Record<never, never>>(
  row: Row<Path, M, R, V> & { variables(request: RestRequest<Path, M>): A & Exactly<A, V> },
): Route {
  const variables = row.variables as Route['variables'];
  return eraseTypes({
    status: 200,
    errorsAsSuccess: {},
    accessVariables: ({ params }: PathRequest) => (row.body ? {} : variables({ params, body: {} })),
    ...row,
    body: row.body ? z.object(row.body) : null,
  });
}

/** A row that answers a list of any size: its operation reads one page and runs until there is no next one. */
export function listRoute<Path extends string, R, V, A extends V>(
  row: Omit<Row<Path, Record<never, never>, R, V>, 'method' | 'body' | 'failWhen'> & {
    variables(after: string | null): A & Exactly<A, V>;
    result(data: Answered<R>): readonly unknown[];
    next(data: Answered<R>): string | null;
  },
): Route {
  const { variables, next, ...rest } = row;
  const firstPage = () => variables(null);
  return eraseTypes({
    status: 200,
    errorsAsSuccess: {},
    accessVariables: firstPage,
    ...rest,
    method: 'GET',
    body: null,
    variables: firstPage,
    pages: { variables, next },
  });
}

export function precondition<Path extends string, R, V, A extends V>(
  _path: Path,
  invocation: {
    operation: TypedDocumentNode<R, V>;
    variables(request: PathRequest<Path>): A & Exactly<A, V>;
    errors: readonly ErrorCode[];
  },
): Precondition {
  return eraseTypes(invocation);
}

/** The types have done their work where the row was written. */
const eraseTypes = <T>(row: unknown): T => row as T;
