import type { TypedDocumentNode } from '@graphql-typed-document-node/core';
import type { FastifyRequest } from 'fastify';
import type { FieldProblem } from '../../errors/app-error';
import type { ErrorCode } from '../../errors/catalogue';
import type { ChannelPolicy } from '../../security/channel-policy';
import type { Caller } from '../../services/caller';
import type { BodyOf, Members } from './members';
import type { Answered } from './operation-runner';
import type { RequestErrorCode } from './request-error';

/** Everything that can go wrong at a REST channel. */
export type FailureCode = ErrorCode | RequestErrorCode;

/** What an error is before a contract has put it into its words: an AppError or a RequestError. */
export interface Failure {
  readonly code: FailureCode;
  readonly message: string;
  readonly params: Readonly<Record<string, string | number>>;
  readonly problems: readonly FieldProblem[];
}

/** A failure as a contract speaks it. */
export interface ErrorMapping {
  readonly status: number;
}

type JsonSchema = Readonly<Record<string, unknown>>;

type Language = Caller['language'];

/**
 * What one REST contract is: who is believed at its channel, where it is, what it offers and how it
 * talks. No rule is in it.
 */
export interface Contract<S extends ErrorMapping = ErrorMapping> {
  readonly name: string;
  readonly channel: ChannelPolicy;
  /** Where its rows are on the main port and on the gateway port. */
  readonly mounts: Readonly<Record<Port, readonly Mount[]>>;
  readonly routes: readonly Route[];
  /** How it speaks each error; a new code does not compile until each contract has it. */
  readonly errors: Readonly<Record<FailureCode, S>>;
  /** The body of a success, and its JSON Schema. */
  success(result: unknown, message?: string): unknown;
  successSchema(result: JsonSchema, message?: string): JsonSchema;
  /** The body of a failure; `result` only where the row gives one. */
  failure(failure: Failure, mapping: S, how: { language: Language; result?: unknown }): unknown;
  /** What the channel learns of the caller beyond the bearer token. */
  extendCaller?(request: FastifyRequest): Partial<Caller>;
}

export type Port = 'main' | 'gateway';

/** A path before the rows' own; `only` takes the rows whose path begins so. */
export interface Mount {
  readonly prefix: string;
  readonly only?: string;
}

export type Method = 'GET' | 'POST' | 'PUT' | 'DELETE';

type ParamName<Path extends string> = Path extends `${string}:${infer Name}/${infer Rest}`
  ? Name | ParamName<`/${Rest}`>
  : Path extends `${string}:${infer Name}`
    ? Name
    : never;

/** What a row makes its variables of. */
export interface RestRequest<Path extends string = string, M extends Members = Members> {
  readonly params: { readonly [N in ParamName<Path>]: string };
  readonly body: BodyOf<M>;
}

/** An operation with its variables. */
interface Asked {
  readonly operation: TypedDocumentNode<unknown, Record<string, unknown>>;
  variables(request: RestRequest): Record<string, unknown>;
}

/**
 * An operation that is asked before a row rejects a body, and which of its errors then stand
 * instead.
 */
export interface Precondition extends Asked {
  readonly counts: readonly ErrorCode[];
}

/** How a row is described in the OpenAPI document. */
interface Description {
  readonly tag: string;
  readonly summary: string;
  /** Beside the summary: what a reader has to know. */
  readonly description?: string;
  /** JSON Schema of what the success body holds. */
  readonly answers: JsonSchema;
  /** What `answers` describes, as an example. */
  readonly example: unknown;
  /** Errors of the row itself; those of every row (token, body) need not be named. */
  readonly fails?: readonly ErrorCode[];
}

/** A row with its types erased: what the plugin runs. */
export interface Route extends Asked, Description {
  readonly method: Method;
  readonly path: string;
  readonly body: Members | null;
  readonly status: number;
  /** For people, beside the result. */
  readonly message?: string;
  result(data: unknown): unknown;
  /** Errors that are no errors at this row: the result they stand for. */
  readonly errorsAsSuccess: Readonly<Partial<Record<ErrorCode, () => unknown>>>;
  /**
   * When the operation has succeeded and the answer is a failure all the same, with this result in
   * it.
   */
  readonly failWhen?: { when(data: unknown): boolean; as: ErrorCode; result: unknown };
  /**
   * Asked when the body cannot be used: errors of access and existence come before those of the
   * body.
   */
  readonly precondition?: Precondition;
  /**
   * For a list that is answered page by page: `after` of a page goes into the variables of the
   * next.
   */
  readonly pages?: { variables(after: string | null): Record<string, unknown>; next(data: unknown): string | null };
}

/**
 * A type that has every member of A only if V has it: excess members of a returned literal are no
 * error to the compiler.
 */
type Exactly<A, V> = A extends readonly unknown[] | string | number | boolean | null | undefined
  ? A
  : { [K in keyof A]: K extends keyof V ? Exactly<A[K], NonNullable<V[K]>> : never };

interface Row<Path extends string, M extends Members, R, V> extends Description {
  method: Method;
  path: Path;
  body?: M;
  status?: number;
  message?: string;
  operation: TypedDocumentNode<R, V>;
  result(data: Answered<R>): unknown;
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
  return erased({ status: 200, errorsAsSuccess: {}, ...row, body: row.body ?? null });
}

/**
 * A row that answers a whole list, whatever its size: its operation gives one page, and is run
 * until there is no next.
 */
export function listRoute<Path extends string, R, V, A extends V>(
  row: Omit<Row<Path, Record<never, never>, R, V>, 'method' | 'body' | 'failWhen'> & {
    variables(after: string | null): A & Exactly<A, V>;
    result(data: Answered<R>): readonly unknown[];
    next(data: Answered<R>): string | null;
  },
): Route {
  const { variables, next, ...rest } = row;
  const first = () => variables(null);
  return erased({
    status: 200,
    errorsAsSuccess: {},
    ...rest,
    method: 'GET',
    body: null,
    variables: first,
    pages: { variables, next },
  });
}

export function precondition<Path extends string, R, V, A extends V>(
  _path: Path,
  asked: {
    operation: TypedDocumentNode<R, V>;
    variables(request: Pick<RestRequest<Path>, 'params'>): A & Exactly<A, V>;
    counts: readonly ErrorCode[];
  },
): Precondition {
  return erased(asked);
}

/** The types have done their work where the row was written. */
const erased = <T>(row: unknown): T => row as T;
