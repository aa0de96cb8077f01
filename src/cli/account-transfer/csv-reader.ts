import { parse } from 'csv-parse/sync';
import { type Member, memberNamed } from './account';
import type { FileRecord, IgnoredName } from './file-record';
import type { Line } from './line-reader';
import { TransferError } from './transfer-error';

type Columns = (Member | undefined)[];

/** A quote that is open for more lines was not meant to be one. */
const MAX_LINES = 100;
const NEVER_CLOSED = 'a quote is opened and not closed';

/**
 * CSV (RFC 4180) with a header. Where the quotes of a record are unbalanced, its first line is
 * reported and reading goes on with the second, so that a stray quote affects no other record.
 * @throws TransferError when the header lacks a column that every account needs
 */
export async function* readCsv(lines: AsyncIterable<Line>, ignored: IgnoredName): AsyncGenerator<FileRecord> {
  let columns: Columns | undefined;
  const waiting: Line[] = [];
  const take = (isEnd: boolean): FileRecord[] => {
    const records: FileRecord[] = [];
    while (waiting.length > 0) {
      const count = waiting[0]!.problem ? 1 : linesOfRecord(waiting);
      if (count === undefined && !isEnd && waiting.length < MAX_LINES) break;
      const record = readRecord(waiting, count, columns);
      waiting.splice(0, record.lines);
      if (record.fields.length === 0 && !record.problem) continue; // an empty line
      if (columns) records.push(named(record, columns));
      else columns = columnsOf(record.fields, ignored);
    }
    return records;
  };
  for await (const line of lines) {
    waiting.push(line);
    yield* take(false);
  }
  yield* take(true);
  if (!columns) throw new TransferError('The file is empty; the first line of CSV names the columns.');
}

interface RawRecord {
  line: number;
  /** How many lines it spans. */
  lines: number;
  fields: string[];
  problem?: string;
}

/** How many lines the first record spans; undefined when a quote is open at the end of all lines. */
function linesOfRecord(lines: readonly Line[]): number | undefined {
  let quotes = 0;
  for (const [index, { text, problem }] of lines.entries()) {
    if (problem) return undefined;
    for (let at = text.indexOf('"'); at >= 0; at = text.indexOf('"', at + 1)) quotes++;
    if (quotes % 2 === 0) return index + 1;
  }
  return undefined;
}

function readRecord(lines: readonly Line[], count: number | undefined, columns: Columns | undefined): RawRecord {
  const { number: line, problem } = lines[0]!;
  const bad = (why: string): RawRecord => ({ line, lines: 1, fields: [], problem: why });
  if (problem) return bad(problem);
  if (count === undefined) return bad(NEVER_CLOSED);
  const fields = split(lines.slice(0, count));
  if (!fields) return bad(count === 1 ? 'a quote stands in the middle of a value' : NEVER_CLOSED);
  if (columns && fields.length > 0 && fields.length !== columns.length) {
    return bad(count === 1 ? `the line has ${fields.length} values and the header ${columns.length}` : NEVER_CLOSED);
  }
  return { line, lines: count, fields };
}

/** @returns no field for an empty line, null when the quotes are wrong */
function split(lines: readonly Line[]): string[] | null {
  const text = lines
    .map((line) => line.text)
    .join('\n')
    .replace(/\r$/, '');
  if (!text.includes('"')) return text === '' ? [] : text.split(',');
  try {
    const [fields, ...rest] = parse(text);
    return rest.length === 0 && fields ? fields : null;
  } catch {
    return null;
  }
}

function columnsOf(header: readonly string[], ignored: IgnoredName): Columns {
  const columns = header.map((name) => memberNamed(name.trim()));
  const twice = columns.find((member, index) => member && columns.indexOf(member) !== index);
  if (twice) throw new TransferError(`Two columns of the header mean ${twice}.`);
  for (const member of ['username', 'passwordHash'] as const) {
    if (!columns.includes(member)) {
      throw new TransferError(
        `The first line names no column ${member}: it has to name the columns, separated by commas.`,
      );
    }
  }
  for (const [index, name] of header.entries()) if (!columns[index]) ignored(name);
  return columns;
}

function named({ line, fields, problem }: RawRecord, columns: Columns): FileRecord {
  const values: FileRecord['values'] = {};
  for (const [index, member] of columns.entries()) if (member) values[member] = fields[index] ?? '';
  return { line, values, ...(problem && { problem }) };
}
