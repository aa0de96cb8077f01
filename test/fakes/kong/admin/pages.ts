import type { Row } from '../database';
import { type Answer, invalidPage } from './answers';

interface PageOptions {
  /** The path of the list, for the `next` link. */
  path: string;
  query: URLSearchParams;
  /** The link of a nested list forgets the size. */
  nested: boolean;
}

/**
 * One page of rows that are already in the order of their ids; the offset is the id of the last row
 * before it.
 */
export function page(rows: Row[], { path, query, nested }: PageOptions): Answer {
  const size = readSize(query.get('size'));
  const after = readOffset(query.get('offset'));
  const rest = after === null ? rows : rows.filter((row) => row.id > after);
  const data = rest.slice(0, size);
  if (rest.length <= size) return { status: 200, body: { data, next: null } };
  const offset = Buffer.from(JSON.stringify([data.at(-1)!.id])).toString('base64url');
  const next = `${path}?offset=${offset}${query.has('size') && !nested ? `&size=${size}` : ''}`;
  return { status: 200, body: { data, next, offset } };
}

function readSize(given: string | null): number {
  if (given === null) return 100;
  const size = Number(given);
  if (Number.isNaN(size)) throw invalidPage(9, 'size must be a number');
  if (!Number.isInteger(size) || size < 1 || size > 1000)
    throw invalidPage(9, 'size must be an integer between 1 and 1000');
  return size;
}

function readOffset(given: string | null): string | null {
  if (given === null) return null;
  try {
    return JSON.parse(Buffer.from(given, 'base64url').toString('utf8'))[0];
  } catch {
    throw invalidPage(7, `'${given}' is not a valid offset: bad json encoding`);
  }
}
