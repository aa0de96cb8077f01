import fs from 'node:fs';
import path from 'node:path';
import { type Config, StartupError } from './config';

/**
 * Makes DATA_DIR before anything else uses it: Node's recursive `mkdir` never returns below /proc.
 * @throws StartupError when it cannot be written
 */
export function prepareDataDir({ dataDir }: Config): void {
  try {
    makeFolder(dataDir);
    fs.rmdirSync(fs.mkdtempSync(path.join(dataDir, '.writable-')));
  } catch (cause) {
    throw new StartupError(
      `DATA_DIR ${dataDir} cannot be used (${(cause as NodeJS.ErrnoException).code}): set it to a folder that ` +
        'can be written',
      { cause },
    );
  }
}

function makeFolder(folder: string): void {
  if (fs.existsSync(folder)) return;
  makeFolder(path.dirname(folder));
  try {
    fs.mkdirSync(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error; // made by another process meanwhile
  }
}
