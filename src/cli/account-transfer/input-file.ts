import fs from 'node:fs';
import type { Readable } from 'node:stream';
import { TransferError } from './transfer-error';

export interface InputFile {
  chunks: AsyncIterable<Buffer>;
  /** Bytes read so far. */
  position(): number;
  /** In bytes; null where the end is not known. */
  size: number | null;
  /** Ends the input for its reader. */
  close(): void;
}

/** `-` is standard input. @throws TransferError when it cannot be read */
export function openInput(file: string, standard: { readonly stdin: Readable }): InputFile {
  let stream: Readable;
  let size: number | null = null;
  if (file === '-') stream = standard.stdin;
  else {
    try {
      const fd = fs.openSync(file, 'r');
      const stats = fs.fstatSync(fd);
      if (stats.isDirectory()) throw new TransferError(`${file} is a folder.`);
      if (stats.isFile()) size = stats.size;
      stream = fs.createReadStream(file, { fd, highWaterMark: 256 * 1024 });
    } catch (error) {
      if (error instanceof TransferError) throw error;
      throw new TransferError(`${file} cannot be read: ${whyNot(error)}.`, { cause: error });
    }
  }
  let position = 0;
  let isClosed = false;
  async function* chunks(): AsyncGenerator<Buffer> {
    try {
      for await (const chunk of stream as AsyncIterable<Buffer>) {
        position += chunk.length;
        yield chunk;
      }
    } catch (error) {
      if (!isClosed) throw new TransferError(`${file} cannot be read any further: ${whyNot(error)}.`, { cause: error });
    }
  }
  const close = () => {
    isClosed = true;
    stream.destroy();
  };
  return { chunks: chunks(), position: () => position, size, close };
}

const WORDS: Record<string, string> = {
  ENOENT: 'there is no such file or folder',
  EACCES: 'permission denied',
  ENOSPC: 'the disk is full',
  EISDIR: 'it is a folder',
};

/** The operating system's error in words. */
export function whyNot(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  return (code && WORDS[code]) ?? message;
}
