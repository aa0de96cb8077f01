import fs from 'node:fs';
import { parse } from 'dotenv';

/**
 * The process's environment over that of a `.env` file in the working directory, if there is one.
 */
export function readEnvironment(file = '.env'): Record<string, string | undefined> {
  const fromFile = fs.existsSync(file) ? parse(fs.readFileSync(file)) : {};
  return { ...fromFile, ...process.env };
}
