import { isIP } from 'node:net';
import { z } from 'zod';
import { parseMailbox } from '../integrations/mail/address';
import { isRoleName } from '../security/scopes';
import { parsePrivateKeys } from '../security/tokens/private-key';
import { findUsernameProblem } from '../security/username-rule';
import { type Network, parseNetwork } from './network';
import { bare, list } from './parsers';
import { parseRedisAddress } from './redis-address';

// Parsers of variables whose values follow a rule of the server: networks, keys, names.

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

const MAKE_KEY = 'openssl rand -base64 64';

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
        message: `must be at least 64 bytes long (it has ${bytes}); make one with: ${MAKE_KEY} | tr -d '\\n'`,
      });
      return z.NEVER;
    }
    if (new Set(given).size < 10) {
      context.addIssue({
        code: 'custom',
        message: `is too regular to be a key; make one with: ${MAKE_KEY}`,
      });
      return z.NEVER;
    }
    return given;
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

/** Characters of a token that cannot be guessed; the value is not repeated, because it is a secret. */
const MIN_METRICS_TOKEN = 24;

export const metricsToken = checked((given) =>
  /^[\x21-\x7e]+$/.test(given) && given.length >= MIN_METRICS_TOKEN
    ? null
    : `must be at least ${MIN_METRICS_TOKEN} printable ASCII characters without spaces; make it: openssl rand -hex 24`,
);

export const username = checked((given) => {
  const problem = findUsernameProblem(given.normalize('NFC'));
  return problem && `cannot be a user name: ${problem.message}`;
});

const KEY_BYTES = 32;

/** 32 bytes as base64; the value is not repeated, because it is a secret. */
export const encryptionKey = z
  .string()
  .default('')
  .transform((v, context): Uint8Array | undefined => {
    const given = bare(v)?.trim();
    if (given === undefined) return undefined;
    const bytes = Buffer.from(given, 'base64');
    if (bytes.length === KEY_BYTES && bytes.toString('base64') === given) return new Uint8Array(bytes);
    context.addIssue({
      code: 'custom',
      message: `must be ${KEY_BYTES} bytes as base64; make one with: openssl rand -base64 ${KEY_BYTES}`,
    });
    return z.NEVER;
  });

/** PEM blocks whose line ends may be written as `\n`. */
export const privateKeys = z.preprocess(
  (value) => (typeof value === 'string' ? value.replaceAll('\\n', '\n') : value),
  checked((given) => messageOf(() => parsePrivateKeys(given))),
);

export const redisUrl = checked((given) => messageOf(() => parseRedisAddress(given)));

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
