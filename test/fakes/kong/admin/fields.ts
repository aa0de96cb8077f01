import { createPublicKey } from 'node:crypto';
import { UUID_SHAPE } from '../../../../src/integrations/kong/kong-username';
import type { FieldErrors } from './answers';

/**
 * One member of an entity: what is wrong with a given value, and what it is when it is not given.
 */
export interface Field {
  check(value: unknown): FieldErrors[string] | undefined;
  initial?: unknown;
  /** null and absence are violations. */
  required?: boolean;
  /** The members of a record, each with its own initial value. */
  members?: Record<string, Field>;
}

export const text = (initial: string | null = null): Field => ({
  initial,
  check: (value) => {
    if (typeof value !== 'string') return 'expected a string';
    return value === '' ? 'length must be at least 1' : undefined;
  },
});

export const uuid: Field = {
  check: (value) => (typeof value === 'string' && UUID_SHAPE.test(value) ? undefined : 'expected a valid UUID'),
};

export const oneOf = (values: readonly string[], initial: string): Field => ({
  initial,
  check: (value) => (values.includes(value as string) ? undefined : `expected one of: ${values.join(', ')}`),
});

export const flag = (initial: boolean): Field => ({
  initial,
  check: (value) => (typeof value === 'boolean' ? undefined : 'expected a boolean'),
});

export const integer = (initial: number | null = null): Field => ({
  initial,
  check: (value) => (Number.isInteger(value) ? undefined : 'expected an integer'),
});

export const texts = (initial: readonly string[] | null, allowed?: readonly string[]): Field => ({
  initial,
  check: (value) => {
    if (!Array.isArray(value)) return 'expected a set';
    const wrong = value.filter((entry) => (allowed ? !allowed.includes(entry) : typeof entry !== 'string'));
    return wrong.length === 0
      ? undefined
      : wrong.map(() => (allowed ? `expected one of: ${allowed.join(', ')}` : 'expected a string'));
  },
});

export const tags: Field = {
  initial: null,
  check: (value) => {
    if (!Array.isArray(value)) return 'expected a set';
    const wrong = value.filter((tag) => typeof tag !== 'string' || /[,/]/.test(tag));
    if (wrong.length === 0) return undefined;
    return wrong.map(
      (tag) => `invalid tag '${tag}': expected printable ascii (except \`,\` and \`/\`) or valid utf-8 sequences`,
    );
  },
};

export const reference = (initial: { id: string } | null = null): Field => ({
  initial,
  check: (value) => (typeof value === 'object' ? undefined : 'expected a record'),
});

/** Anything goes. For members that no test depends on. */
export const anything = (initial: unknown = null): Field => ({ initial, check: () => undefined });

export const record = (members: Record<string, Field>): Field => ({
  members,
  check: (value) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return 'expected a record';
    const errors = fieldErrors(members, value as Record<string, unknown>);
    return Object.keys(errors).length > 0 ? errors : undefined;
  },
});

export function fieldErrors(fields: Record<string, Field>, input: Record<string, unknown>): FieldErrors {
  const errors: FieldErrors = {};
  for (const [name, value] of Object.entries(input)) {
    const field = fields[name];
    const error = field ? (value === null ? undefined : field.check(value)) : 'unknown field';
    if (error !== undefined) errors[name] = error;
  }
  for (const [name, field] of Object.entries(fields)) {
    if (field.required && (input[name] ?? field.initial ?? null) === null) errors[name] = 'required field missing';
  }
  return errors;
}

/** What is stored: the given members, and the initial value of every other, also inside records. */
export function complete(fields: Record<string, Field>, input: Record<string, unknown>): Record<string, unknown> {
  const members = Object.entries(fields).map(([name, field]) => {
    const given = input[name];
    if (field.members) return [name, complete(field.members, (given ?? {}) as Record<string, unknown>)];
    return [name, given === undefined ? structuredClone(field.initial ?? null) : given];
  });
  return Object.fromEntries(members);
}

export function isPublicKey(pem: string): boolean {
  try {
    createPublicKey(pem);
    return true;
  } catch {
    return false;
  }
}
