import { isIP } from 'node:net';
import { z } from 'zod';
import { parseMailbox } from '../integrations/mail/address';
import { isRoleName } from '../security/scopes';
import { parsePrivateKey } from '../security/tokens/private-key';
import { findUsernameProblem } from '../security/username-rule';
import { type Network, parseNetwork } from './network';

// Each parser reads the text of one environment variable; empty means not set. Its message follows the variable's name.

/** `amount` events in `seconds` seconds. */
export interface Rate {
  amount: number;
  seconds: number;
}

const bare = (value: string | undefined) => (value === undefined || value.trim() === '' ? undefined : value);
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
const list = z
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

export const networks = list.transform((all, context): Network[] =>
  all.flatMap((entry) => {
    const network = parseNetwork(entry);
    if (network) return network;
    context.addIssue({
      code: 'custom',
      message: `holds "${entry}", which is neither an address nor a network such as 10.0.0.0/8`,
    });
    return [];
  }),
);

/** Undefined where the variable is not set; an empty one means that no origin is allowed. */
export const origins = z
  .string()
  .transform((v) =>
    v
      .split(',')
      .map((s) => s.trim().replace(/\/$/, ''))
      .filter(Boolean),
  )
  .refine((all) => all.every((o) => o !== '*' && URL.canParse(o) && new URL(o).origin === o), {
    error: 'must be origins separated by commas, such as https://app.example.org ("*" cannot go with credentials)',
  })
  .optional();

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

/** An address, a network in CIDR form, or one of the names that stand for several. */
function isNetwork(text: string): boolean {
  if (['loopback', 'linklocal', 'uniquelocal'].includes(text)) return true;
  const [address = '', prefix, ...rest] = text.split('/');
  const family = isIP(address);
  if (family === 0 || rest.length > 0) return false;
  return prefix === undefined || (/^\d{1,3}$/.test(prefix) && Number(prefix) <= (family === 4 ? 32 : 128));
}

export const trustProxy = z
  .string()
  .default('')
  .transform((v, context): boolean | number | string[] => {
    const given = bare(v);
    if (given === undefined || given === 'off' || given === 'false') return false;
    if (/^\d+$/.test(given)) return Number(given);
    const all = given.split(',').map((s) => s.trim());
    if (all.every(isNetwork)) return all;
    context.addIssue({
      code: 'custom',
      message: 'must be off, a number of hops, or addresses and networks separated by commas',
    });
    return z.NEVER;
  });

export const gatewayPort = z
  .string()
  .default('')
  .transform((v, context): number | 'off' => {
    const given = bare(v);
    if (given === undefined) return 8080;
    if (given === 'off') return 'off';
    const n = Number(given);
    if (Number.isInteger(n) && n >= 0 && n <= 65_535) return n;
    context.addIssue({ code: 'custom', message: `must be a port or "off", not "${given}"` });
    return z.NEVER;
  });

export const signerKey = z
  .string()
  .default('')
  .transform((v, context): string | undefined => {
    const given = bare(v) === undefined ? undefined : v;
    if (given === undefined) return undefined;
    const bytes = Buffer.byteLength(given, 'utf8');
    if (bytes < 64) {
      context.addIssue({
        code: 'custom',
        message: `must be at least 64 bytes long (it has ${bytes}); make one with: openssl rand -base64 64 | tr -d '\\n'`,
      });
      return z.NEVER;
    }
    if (new Set(given).size < 10) {
      context.addIssue({
        code: 'custom',
        message: 'is too regular to be a key; make one with: openssl rand -base64 64',
      });
      return z.NEVER;
    }
    return given;
  });

/** RFC 9110 section 5.6.2. */
export const headerName = (fallback: string) =>
  text(fallback).refine((name) => /^[\w!#$%&'*+.^`|~-]+$/.test(name), { error: 'must be the name of a header' });

/** The value is not repeated, because it is a secret. */
export const headerValue = optionalText.refine((value) => value === undefined || /^[\x21-\x7e]+$/.test(value), {
  error: 'must be printable ASCII without spaces',
});

/** A variable whose value `problemOf` accepts by returning null. */
const checked = (problemOf: (given: string) => string | null) =>
  z
    .string()
    .default('')
    .transform((v, context): string | undefined => {
      const given = bare(v);
      const message = given === undefined ? null : problemOf(given);
      if (message === null) return given;
      context.addIssue({ code: 'custom', message });
      return z.NEVER;
    });

export const username = checked((given) => {
  const problem = findUsernameProblem(given.normalize('NFC'));
  return problem && `cannot be a user name: ${problem.message}`;
});

/** PEM whose line ends may be written as `\n`. */
export const privateKey = z.preprocess(
  (value) => (typeof value === 'string' ? value.replaceAll('\\n', '\n') : value),
  checked((given) => messageOf(() => parsePrivateKey(given))),
);

export const mailbox = (fallback: string) =>
  checked((given) =>
    messageOf(() => parseMailbox(given)) === null
      ? null
      : 'must look like no-reply@example.org or Identity <no-reply@example.org>',
  ).transform((given) => given ?? fallback);

export const roleNames = list.transform((names, context) => {
  for (const name of names.filter((each) => !isRoleName(each)))
    context.addIssue({ code: 'custom', message: `holds "${name}", which cannot be the name of a role` });
  return names;
});

function messageOf(parse: () => unknown): string | null {
  try {
    parse();
    return null;
  } catch (error) {
    return (error as Error).message;
  }
}

/** Signs mails and names their sender: one line without the characters of addresses. */
export const productName = z
  .string()
  .default('')
  .transform((value) => value.trim())
  .refine((value) => /^[^<>"\p{C}]{0,64}$/u.test(value), 'must be at most 64 characters on one line, without < > "');
