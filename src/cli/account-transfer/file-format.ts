import path from 'node:path';
import { TransferError } from './transfer-error';

export type FileFormat = 'ndjson' | 'csv';

const FORMAT_OF_EXTENSION: Record<string, FileFormat> = {
  '.ndjson': 'ndjson',
  '.jsonl': 'ndjson',
  '.json': 'ndjson',
  '.csv': 'csv',
};

/**
 * What is given, else what the file's name says; standard input and output are NDJSON. @throws
 * TransferError when neither says it
 */
export function fileFormat(file: string, given: string | undefined): FileFormat {
  if (given === 'ndjson' || given === 'csv') return given;
  if (given !== undefined) throw new TransferError(`--format is ndjson or csv, not "${given}".`);
  if (file === '-') return 'ndjson';
  const format = FORMAT_OF_EXTENSION[path.extname(file).toLowerCase()];
  if (!format)
    throw new TransferError(`The name ${file} does not tell what is in it: add --format ndjson or --format csv.`);
  return format;
}
