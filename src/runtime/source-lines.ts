import fs from 'node:fs';
import { SourceMap } from 'node:module';
import path from 'node:path';

/**
 * Names the lines of the sources in stack traces of a bundled file. Its map is read for the first stack that is asked
 * for: Node's own `--enable-source-maps` reads it at the start and keeps it.
 */
export function mapStackTraces(bundle: string): void {
  let map: SourceMap | undefined;
  const place = (frame: NodeJS.CallSite): string => {
    const text = String(frame);
    if (frame.getFileName() !== bundle) return text;
    map ??= new SourceMap(JSON.parse(fs.readFileSync(`${bundle}.map`, 'utf8')));
    const { originalSource, originalLine, originalColumn } = map.findEntry(
      (frame.getLineNumber() ?? 1) - 1,
      (frame.getColumnNumber() ?? 1) - 1,
    ) as { originalSource?: string; originalLine: number; originalColumn: number };
    if (originalSource === undefined) return text;
    const source = path.resolve(path.dirname(bundle), originalSource);
    return text.replace(/\(?[^(]*:\d+:\d+\)?$/, `(${source}:${originalLine + 1}:${originalColumn + 1})`);
  };
  Error.prepareStackTrace = (error, frames) => {
    const head = Error.prototype.toString.call(error);
    return [head, ...frames.map((frame) => `    at ${place(frame)}`)].join('\n');
  };
}
