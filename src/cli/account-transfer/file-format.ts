import path from 'node:path';
import { TransferError } from './transfer-error';

export const fileFormats = ['ndjson', 'csv'] as const;
export type FileFormat = (typeof fileFormats)[number];

const FORMAT_OF_EXTENSION: Record<string, FileFormat> = {
  '.ndjson': 'ndjson',
  '.jsonl': 'ndjson',
  '.json': 'ndjson',
  '.csv': 'csv',
};

/** From the file's name; standard input and output are NDJSON. @throws TransferError for another name */
export function fileFormat(file: string): FileFormat {
  if (file === '-') return 'ndjson';
  const format = FORMAT_OF_EXTENSION[path.extname(file).toLowerCase()];
  if (!format)
    throw new TransferError(`The name ${file} does not tell what is in it: add --format ndjson or --format csv.`);
  return format;
}
