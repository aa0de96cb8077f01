import type { FieldProblem } from '../../errors/app-error';
import { RequestError } from './request-error';

type Kind = 'text' | 'texts';
type ValueOf<K extends Kind> = K extends 'text' ? string : string[];

/**
 * What a row takes when a member is missing or null: nothing, an empty text, or not the request.
 */
type WhenMissing = 'left-out' | 'empty' | 'refused';

/**
 * One member of a request body: its type decides what is taken, the rest is for the description of
 * the API.
 */
export interface Member<K extends Kind = Kind, W extends WhenMissing = WhenMissing> {
  readonly kind: K;
  readonly whenMissing: W;
  readonly description: string;
  readonly example: ValueOf<K>;
  /** Members of the JSON Schema beside its type, such as a length. */
  readonly schema: Readonly<Record<string, unknown>>;
}

export type Members = Readonly<Record<string, Member>>;

/** The body as a row reads it: members that are not listed do not exist. */
export type BodyOf<M extends Members> = {
  readonly [N in keyof M]: M[N] extends Member<infer K, infer W>
    ? W extends 'left-out'
      ? ValueOf<K> | null | undefined
      : ValueOf<K>
    : never;
};

const member =
  <K extends Kind, W extends WhenMissing>(kind: K, whenMissing: W) =>
  (description: string, example: ValueOf<K>, schema: Readonly<Record<string, unknown>> = {}): Member<K, W> => ({
    kind,
    whenMissing,
    description,
    example,
    schema,
  });

/** May be missing, or null. */
export const text = member('text', 'left-out');
/** An array of texts; may be missing, or null. */
export const texts = member('texts', 'left-out');
/** Without it there is nothing to ask. */
export const requiredText = member('text', 'refused');
/** Missing counts as empty, and the operation says what that means. */
export const textOrEmpty = member('text', 'empty');

const fits: Record<Kind, (value: unknown) => boolean> = {
  text: (value) => typeof value === 'string',
  texts: (value) => Array.isArray(value) && value.every((item) => typeof item === 'string'),
};
const expected: Record<Kind, string> = { text: 'a string', texts: 'an array of strings' };

/**
 * Picks the listed members out of a parsed body, in their order, and nothing else: what a client
 * adds cannot reach an operation.
 * @throws RequestError with every member that is of the wrong type
 */
export function readMembers<M extends Members>(members: M, body: unknown): BodyOf<M> {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw new RequestError('MALFORMED_BODY', [{ field: 'body', message: 'The body must be a JSON object' }]);
  }
  const picked: Record<string, unknown> = {};
  const problems: FieldProblem[] = [];
  for (const [field, { kind, whenMissing }] of Object.entries(members)) {
    const value = Object.hasOwn(body, field) ? (body as Record<string, unknown>)[field] : undefined;
    if (value !== undefined && value !== null) {
      if (!fits[kind](value)) problems.push({ field, message: `${field} must be ${expected[kind]}` });
      picked[field] = value;
    } else if (whenMissing === 'refused') {
      problems.push({ field, message: `${field} is required` });
    } else if (whenMissing === 'empty') {
      picked[field] = '';
    } else if (value === null) {
      picked[field] = null;
    }
  }
  if (problems.length > 0) throw new RequestError('MALFORMED_BODY', problems);
  return picked as BodyOf<M>;
}

/** The body of a request that has not been read: enough to ask who may make it. */
export function emptyBody<M extends Members>(members: M): BodyOf<M> {
  const empty = Object.entries(members).flatMap(([field, { whenMissing }]) =>
    whenMissing === 'left-out' ? [] : [[field, '']],
  );
  return Object.fromEntries(empty) as BodyOf<M>;
}
