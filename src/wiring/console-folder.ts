import fs from 'node:fs';
import path from 'node:path';
import type { Config } from '../config/config';
import { dist } from './dist';

const folder = path.join(dist, 'console');

/** Where the console was built to; null where it was not built, or is switched off. */
export function consoleFolder({ http }: Pick<Config, 'http'>): string | null {
  return http.console && fs.existsSync(path.join(folder, 'index.html')) ? folder : null;
}
