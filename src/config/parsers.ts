import { z } from 'zod';

// Each parser reads the text of one environment variable; empty means not set. Its message follows
// the variable's name. Those that know a rule of the server are in domain-parsers.ts.

/** `amount` events in `seconds` seconds. */
export interface Rate {
  amount: number;
  seconds: number;
}

/** Undefined for an empty text. */
export const bare = (value: string | undefined) => (value === undefined || value.trim() === '' ? undefined : value);
export const optionalText = z.string().transform(bare).optional();
/** As it is, spaces included. */
export const secretText = z
  .string()
  .transform((v) => (v === '' ? undefined : v))
  .optional();
export const text = (fallback: string) =>
  z
    .string()
    .transform((v) => bare(v) ?? fallback)
    .default(fallback);
export const list = z
  .string()
  .default('')
  .transform((v) =>
    v
      .split(',')
      .map((s) => s.trim())
      .filter(Boolean),
  );

export const whole = (fallback: number, min: number, max: number) =>
  z
    .string()
    .default('')
    .transform((v, context) => {
      const given = bare(v);
      if (given === undefined) return fallback;
      const n = Number(given);
      if (Number.isInteger(n) && n >= min && n <= max) return n;
      context.addIssue({ code: 'custom', message: `must be a whole number from ${min} to ${max}, not "${given}"` });
      return z.NEVER;
    });

export const port = (fallback: number) => whole(fallback, 0, 65_535);
/** Undefined where it is not set. */
export const optionalPort = z
  .string()
  .default('')
  .transform((v, context): number | undefined => {
    const given = bare(v);
    if (given === undefined) return undefined;
    const n = Number(given);
    if (Number.isInteger(n) && n >= 0 && n <= 65_535) return n;
    context.addIssue({ code: 'custom', message: `must be a port, not "${given}"` });
    return z.NEVER;
  });
/** A number from 0 to 1. */
export const share = (fallback: number) =>
  z
    .string()
    .default('')
    .transform((v, context): number => {
      const given = Number(bare(v) ?? fallback);
      if (given >= 0 && given <= 1) return given;
      context.addIssue({ code: 'custom', message: `must be a number from 0 to 1, not "${v}"` });
      return z.NEVER;
    });
export const seconds = (fallback: number) => whole(fallback, 1, 10 * 365 * 86_400);

export const choice = <const T extends readonly [string, ...string[]]>(values: T, fallback: T[number]) =>
  z
    .string()
    .default('')
    .transform((v, context): T[number] => {
      const given = bare(v);
      if (given === undefined) return fallback;
      if (values.includes(given)) return given;
      context.addIssue({ code: 'custom', message: `must be one of ${values.join(', ')}, not "${given}"` });
      return z.NEVER;
    });

export const flag = (fallback?: boolean) =>
  z
    .string()
    .default('')
    .transform((v, context): boolean | undefined => {
      const given = bare(v)?.toLowerCase();
      if (given === undefined) return fallback;
      if (['true', 'on', 'yes', '1'].includes(given)) return true;
      if (['false', 'off', 'no', '0'].includes(given)) return false;
      context.addIssue({ code: 'custom', message: `must be on or off, not "${given}"` });
      return z.NEVER;
    });

const isUrlOf = (text: string, protocols: string[]) =>
  URL.canParse(text) && protocols.includes(new URL(text).protocol) && /^\w+:\/\//.test(text);

export const url = (protocols: string[]) =>
  z
    .string()
    .default('')
    .transform((v, context): string | undefined => {
      const given = bare(v);
      if (given === undefined) return undefined;
      if (isUrlOf(given, protocols)) return given;
      // without the value, which may hold a password
      context.addIssue({
        code: 'custom',
        message: `must be a URL that starts with ${protocols.map((p) => `${p}//`).join(' or ')}`,
      });
      return z.NEVER;
    });

export const urls = (protocols: string[]) =>
  list.refine((all) => all.every((u) => isUrlOf(u, protocols)), {
    error: `must be URLs separated by commas, each starting with ${protocols.map((p) => `${p}//`).join(' or ')}`,
  });

export const rate = (fallback: string) =>
  z
    .string()
    .default('')
    .transform((v, context): Rate => {
      const [amount, window, ...rest] = (bare(v) ?? fallback).split('/').map(Number);
      if (rest.length === 0 && Number.isInteger(amount) && Number.isInteger(window) && amount! > 0 && window! > 0) {
        return { amount: amount!, seconds: window! };
      }
      context.addIssue({ code: 'custom', message: `must be AMOUNT/SECONDS, such as 5/60, not "${v}"` });
      return z.NEVER;
    });

/** RFC 9110 section 5.6.2. */
export const headerName = (fallback: string) =>
  text(fallback).refine((name) => /^[\w!#$%&'*+.^`|~-]+$/.test(name), { error: 'must be the name of a header' });

/** The value is not repeated, because it is a secret. */
export const headerValue = optionalText.refine((value) => value === undefined || /^[\x21-\x7e]+$/.test(value), {
  error: 'must be printable ASCII without spaces',
});
