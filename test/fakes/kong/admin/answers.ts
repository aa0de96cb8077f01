/**
 * What the Admin API answers. A body is sent as JSON, `html` as the nginx page for the status,
 * neither as nothing.
 */
export interface Answer {
  status: number;
  body?: unknown;
  html?: string;
  headers?: Record<string, string>;
}

/** Thrown anywhere below a handler to end the call with that answer. */
export class Refusal extends Error {
  constructor(readonly answer: Answer) {
    super(`answers ${answer.status}`);
  }
}

export const notFound: Answer = { status: 404, body: { message: 'Not found' } };
export const methodNotAllowed: Answer = { status: 405, body: { message: 'Method not allowed' } };
export const unexpectedError: Answer = { status: 500, body: { message: 'An unexpected error occurred' } };
export const unparsable: Answer = { status: 400, body: { message: 'Cannot parse JSON body' } };

const NGINX_TITLES: Record<number, string> = {
  413: 'Request Entity Too Large',
  415: 'Unsupported Media Type',
  502: 'Bad Gateway',
  503: 'Service Temporarily Unavailable',
  504: 'Gateway Time-out',
};

export function htmlAnswer(status: number): Answer {
  const title = `${status} ${NGINX_TITLES[status] ?? 'Internal Server Error'}`;
  const lines = [
    '<html>',
    `<head><title>${title}</title></head>`,
    '<body>',
    `<center><h1>${title}</h1></center>`,
    '</body>',
    '</html>',
    '',
  ];
  return { status, html: lines.join('\r\n') };
}

export type FieldErrors = { [field: string]: string | string[] | FieldErrors };

/** Code 2. `fields` in the order that the message lists them: `@entity` first, then by name. */
export function schemaViolation(fields: FieldErrors): Refusal {
  const texts = Object.keys(fields)
    .sort()
    .flatMap((name) => violationTexts(name, fields[name]!));
  const count = texts.length === 1 ? 'schema violation' : `${texts.length} schema violations`;
  return new Refusal({
    status: 400,
    body: { message: `${count} (${texts.join('; ')})`, fields, name: 'schema violation', code: 2 },
  });
}

function violationTexts(name: string, error: FieldErrors[string]): string[] {
  if (typeof error === 'string') return [`${name}: ${error}`];
  if (name === '@entity' && Array.isArray(error)) return error;
  if (!Array.isArray(error))
    return Object.keys(error)
      .sort()
      .map((member) => nestedText(`${name}.${member}`, error[member]!));
  return error.map((text, index) => `${name}.${index + 1}: ${text}`);
}

/** Below the first level Kong prints a list of errors as a Lua table. */
function nestedText(name: string, error: FieldErrors[string]): string {
  return Array.isArray(error)
    ? `${name}: {\n${error.map((text) => `  "${text}"`).join(',\n')}\n}`
    : `${name}: ${error}`;
}

export function uniqueViolation(key: Record<string, unknown>): Refusal {
  const message = `UNIQUE violation detected on '${luaTable(key)}'`;
  return new Refusal({ status: 409, body: { message, fields: key, name: 'unique constraint violation', code: 5 } });
}

export function primaryKeyViolation(id: string): Refusal {
  const message = `primary key violation on key '${luaTable({ id })}'`;
  return new Refusal({ status: 400, body: { message, fields: { id }, name: 'primary key violation', code: 3 } });
}

export function foreignKeyViolation(member: string, table: string, id: string): Refusal {
  const message = `the foreign key '${luaTable({ id })}' does not reference an existing '${table}' entity.`;
  return new Refusal({
    status: 400,
    body: { message, fields: { [member]: { id } }, name: 'foreign key violation', code: 4 },
  });
}

/** What PATCH answers for a missing entity. */
export function entityNotFound(selector: Record<string, unknown>): Refusal {
  const message = `could not find the entity with '${luaTable(selector)}'`;
  return new Refusal({ status: 404, body: { message, fields: selector, name: 'not found', code: 6 } });
}

export function invalidPage(code: 7 | 9, message: string): Refusal {
  return new Refusal({ status: 400, body: { message, code, name: code === 7 ? 'invalid offset' : 'invalid size' } });
}

function luaTable(value: Record<string, unknown>): string {
  const members = Object.keys(value)
    .sort()
    .map((name) => `${name}=${luaValue(value[name])}`);
  return `{${members.join(',')}}`;
}

function luaValue(value: unknown): string {
  if (value === null) return 'null';
  return typeof value === 'object' ? luaTable(value as Record<string, unknown>) : `"${value}"`;
}
