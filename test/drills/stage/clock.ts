import fs from 'node:fs';
import path from 'node:path';
import { temporaryFolder } from '../../support/processes';

const LIBRARY = ['x86_64-linux-gnu', 'aarch64-linux-gnu']
  .map((architecture) => `/usr/lib/${architecture}/faketime/libfaketime.so.1`)
  .find((file) => fs.existsSync(file));

/** Why no process can be given a clock of its own here, or undefined. */
export const clockMissing = (): string | undefined =>
  LIBRARY ? undefined : 'there is no libfaketime (Debian: apt-get install libfaketime)';

/** A clock for server processes, which steps as one that is set; time that is measured does not step. */
export class ProcessClock {
  private readonly file = path.join(temporaryFolder(), 'clock');

  constructor() {
    this.step(0);
  }

  get env(): Record<string, string> {
    return {
      LD_PRELOAD: LIBRARY!,
      FAKETIME_TIMESTAMP_FILE: this.file,
      FAKETIME_NO_CACHE: '1',
      FAKETIME_DONT_FAKE_MONOTONIC: '1',
    };
  }

  /** @param seconds ahead of the machine's clock, or behind it */
  step(seconds: number): void {
    fs.writeFileSync(`${this.file}.new`, `${seconds >= 0 ? '+' : ''}${seconds}\n`);
    fs.renameSync(`${this.file}.new`, this.file);
  }
}
