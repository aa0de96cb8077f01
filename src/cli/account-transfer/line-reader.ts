import { isUtf8 } from 'node:buffer';
import { TransferError } from './transfer-error';

/** A physical line, without its line feed, or why it cannot be read. */
export interface Line {
  /** From 1. */
  number: number;
  text: string;
  problem?: string;
}

/** Far more than any account takes; longer lines are not held in memory. */
const MAX_BYTES = 64 * 1024;
const LINE_FEED = 10;
const BOM = '\uFEFF';

/**
 * The lines of a file of any size; memory holds one line and one piece of the file. @throws
 * TransferError for UTF-16
 */
export async function* readLines(source: AsyncIterable<Buffer>): AsyncGenerator<Line> {
  let number = 1;
  let kept: Buffer[] = [];
  let size = 0;
  for await (const chunk of source) {
    if (number === 1 && size === 0) requireEightBit(chunk);
    let from = 0;
    for (let end = chunk.indexOf(LINE_FEED); end >= 0; end = chunk.indexOf(LINE_FEED, from)) {
      yield lineOf(number++, [...kept, chunk.subarray(from, end)], size + end - from);
      kept = [];
      size = 0;
      from = end + 1;
    }
    size += chunk.length - from;
    if (size <= MAX_BYTES) kept.push(Buffer.from(chunk.subarray(from)));
    else kept = [];
  }
  if (size > 0) yield lineOf(number, kept, size);
}

function lineOf(number: number, pieces: Buffer[], size: number): Line {
  if (size > MAX_BYTES) return { number, text: '', problem: 'the line is longer than 64 KB' };
  const bytes = pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces);
  if (!isUtf8(bytes)) return { number, text: '', problem: 'the line is not UTF-8' };
  const text = bytes.toString('utf8');
  return { number, text: number === 1 && text.startsWith(BOM) ? text.slice(1) : text };
}

function requireEightBit(start: Buffer): void {
  const isUtf16 =
    start.length > 1 && ((start[0] === 0xff && start[1] === 0xfe) || (start[0] === 0xfe && start[1] === 0xff));
  if (isUtf16) throw new TransferError('The file is UTF-16: save it as UTF-8.');
}
