import fs from 'node:fs';
import path from 'node:path';
import { type ErrorCode, errorCatalogue, errorCodes, isErrorCode } from '../../src/errors/catalogue';

/** Found by GraphQL itself in a request; Apollo says them. */
const CODES_OF_GRAPHQL: readonly ErrorCode[] = [
  'GRAPHQL_PARSE_FAILED',
  'GRAPHQL_VALIDATION_FAILED',
  'OPERATION_RESOLUTION_FAILURE',
  'PERSISTED_QUERY_NOT_SUPPORTED',
  'BAD_REQUEST',
];

const sources = fs
  .readdirSync('src', { recursive: true, encoding: 'utf8' })
  .filter(
    (file) => file.endsWith('.ts') && !file.endsWith('.generated.ts') && file !== path.join('errors', 'catalogue.ts'),
  )
  .map((file) => ({ file, text: fs.readFileSync(path.join('src', file), 'utf8') }));

const quoted = new Set(
  sources.flatMap(({ text }) => [...text.matchAll(/'([A-Z][A-Z0-9_]+)'/g)].map((match) => match[1])),
);

test.each(errorCodes)('%s has an HTTP status of an error and a message of one sentence', (code) => {
  const { status, message } = errorCatalogue[code];
  expect(status).toBeGreaterThanOrEqual(400);
  expect(status).toBeLessThan(600);
  expect(code).toMatch(/^[A-Z]+(_[A-Z]+)*$/);
  expect(message).toMatch(/^(\{detail\}|[A-Z].*[^.\s])$/);
});

test.each(errorCodes.filter((code) => !CODES_OF_GRAPHQL.includes(code)))('%s is used somewhere', (code) => {
  expect(quoted).toContain(code);
});

test('each code stands in the catalogue once', () => {
  const text = fs.readFileSync('src/errors/catalogue.ts', 'utf8');
  const written = [...text.matchAll(/^ {2}([A-Z_]+): \{/gm)].map((match) => match[1]);
  expect(written).toEqual(errorCodes);
});

interface Throw {
  place: string;
  code: string;
  /** What stands behind the code in `new AppError(...)`. */
  rest: string;
}

const throws: Throw[] = sources.flatMap(({ file, text }) =>
  [...text.matchAll(/new AppError\(\s*'(\w+)'([^;]*?)\)[;\s,)]/g)].map((match) => ({
    place: file,
    code: match[1]!,
    rest: match[2]!,
  })),
);

test.each(throws.map(({ place, code, rest }) => [place, code, rest]))(
  '%s throws %s with everything that its message names',
  (_place, code, rest) => {
    expect(isErrorCode(code)).toBe(true);
    const names = [...errorCatalogue[code as ErrorCode].message.matchAll(/\{(\w+)\}/g)].map((match) => match[1]!);
    if (/^,\s*(params|\{\s*\.\.\.)/.test(rest)) return; // handed through: its own caller has named them
    for (const name of names) expect(rest).toMatch(new RegExp(`\\b${name}\\b`));
  },
);

test('a name inherited from Object is no code', () => {
  for (const name of ['constructor', 'toString', '__proto__', '', undefined, null, 7])
    expect(isErrorCode(name)).toBe(false);
});
