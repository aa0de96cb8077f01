import { memberNamed } from './account';
import type { FileRecord, IgnoredName } from './file-record';
import type { Line } from './line-reader';
import { TransferError } from './transfer-error';

/**
 * NDJSON: a JSON object in each line; empty lines mean nothing. @throws TransferError when the file
 * is one JSON array
 */
export async function* readNdjson(lines: AsyncIterable<Line>, ignored: IgnoredName): AsyncGenerator<FileRecord> {
  let isFirst = true;
  for await (const { number: line, text, problem } of lines) {
    if (problem) yield { line, values: {}, problem };
    const json = text.trim();
    if (json === '') continue;
    if (isFirst && json.startsWith('[')) {
      throw new TransferError(
        "The file is a JSON array; NDJSON has one object in each line. Convert it with: jq -c '.[]' FILE",
      );
    }
    isFirst = false;
    yield { line, ...recordOf(json, ignored) };
  }
}

function recordOf(json: string, ignored: IgnoredName): Omit<FileRecord, 'line'> {
  let object: unknown;
  try {
    object = JSON.parse(json);
  } catch {
    return { values: {}, problem: 'the line is not valid JSON' }; // the parser's message repeats what is in the line
  }
  if (typeof object !== 'object' || object === null || Array.isArray(object))
    return { values: {}, problem: 'the line is not a JSON object' };
  const values: FileRecord['values'] = {};
  for (const [name, value] of Object.entries(object)) {
    const member = memberNamed(name);
    if (!member) ignored(name);
    else if (member in values) return { values: {}, problem: `two members mean ${member}` };
    else values[member] = value;
  }
  return { values };
}
