import fs from 'node:fs';
import type { Finding } from './import-report';
import { whyNot } from './input-file';
import { TransferError } from './transfer-error';

/** The findings of an import as NDJSON, to repair the file by. */
export class FindingsFile {
  private readonly fd: number | undefined;

  /** @param file none is written without a name @throws TransferError when it cannot be written */
  constructor(file: string | undefined, input: string) {
    if (file === undefined) return;
    try {
      if (isSame(file, input)) throw new TransferError('--errors names the file that is imported.');
      this.fd = fs.openSync(file, 'w', 0o600);
    } catch (error) {
      if (error instanceof TransferError) throw error;
      throw new TransferError(`${file} cannot be written: ${whyNot(error)}.`, { cause: error });
    }
  }

  add(finding: Finding): void {
    if (this.fd !== undefined) fs.writeSync(this.fd, `${JSON.stringify(finding)}\n`);
  }

  close(): void {
    if (this.fd !== undefined) fs.closeSync(this.fd);
  }
}

function isSame(file: string, input: string): boolean {
  const [a, b] = [file, input].map((name) => fs.statSync(name, { throwIfNoEntry: false }));
  return a !== undefined && b !== undefined && a.dev === b.dev && a.ino === b.ino;
}
