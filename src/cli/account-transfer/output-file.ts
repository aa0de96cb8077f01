import fs from 'node:fs';
import { Readable, type Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { openStandardOutput } from '../standard-output';
import { whyNot } from './input-file';
import { TransferError } from './transfer-error';

const OWNER_ONLY = 0o600;

/**
 * @param texts written one after the other, each when there is room for it. `-` is standard output.
 *   @throws TransferError
 */
export async function writeOutput(file: string, texts: AsyncIterable<string>, stdout: Writable): Promise<void> {
  if (file === '-') return pour(texts, stdout === process.stdout ? openStandardOutput() : stdout, 'Standard output');
  if (fs.statSync(file, { throwIfNoEntry: false })?.isFile() === false)
    return pour(texts, fs.createWriteStream(file), file);
  // an existing file stays until the new one is complete
  const draft = `${file}.${process.pid}.part`;
  try {
    await pour(texts, fs.createWriteStream(draft, { mode: OWNER_ONLY, flags: 'wx' }), file);
    fs.renameSync(draft, file);
  } catch (error) {
    fs.rmSync(draft, { force: true });
    throw error;
  }
}

async function pour(texts: AsyncIterable<string>, stream: Writable, name: string): Promise<void> {
  try {
    await pipeline(Readable.from(texts), stream, { end: stream !== process.stdout });
  } catch (error) {
    if (error instanceof TransferError) throw error;
    throw new TransferError(`${name} cannot be written: ${whyNot(error)}.`, { cause: error });
  }
}
