import fs from 'node:fs';
import path from 'node:path';

/** README.md and docs/*.md; the tests of this folder run and compare what these promise. */
export const root = path.join(__dirname, '../..');
export const documents = [
  'README.md',
  ...fs
    .readdirSync(path.join(root, 'docs'))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
];

/** `UPDATE_DOCS=1` writes what was printed into the documents instead of comparing it. */
export const isUpdating = process.env.UPDATE_DOCS === '1';

export const read = (name: string): string => fs.readFileSync(path.join(root, name), 'utf8');
export const write = (name: string, text: string): void => fs.writeFileSync(path.join(root, name), text);

/** A fenced block, with the HTML comment directly above it. */
export interface Block {
  readonly document: string;
  readonly line: number;
  readonly language: string;
  readonly marker: string | undefined;
  readonly body: string;
}

/** A command of a console block, with what the document says that it prints. */
export interface Step {
  readonly command: string;
  readonly output: string;
}

export function blocksOf(document: string): Block[] {
  const text = read(document);
  return [...text.matchAll(/^(?:<!-- (.+) -->\n)?```(\w*)\n([\s\S]*?)^```$/gm)].map(
    ({ index, 1: marker, 2: language, 3: body }) => ({
      document,
      line: text.slice(0, index).split('\n').length,
      language: language!,
      marker,
      body: body!,
    }),
  );
}

/** `$ ` begins a command and `> ` continues it, as in a shell; every other line is output. */
export function stepsOf({ body }: Block): Step[] {
  return body
    .split(/^\$ /m)
    .slice(1)
    .map((step) => {
      const [first = '', ...rest] = step.trimEnd().split('\n');
      const end = rest.findIndex((line) => !line.startsWith('> '));
      const continued = end < 0 ? rest : rest.slice(0, end);
      return {
        command: [first, ...continued.map((line) => line.slice(2))].join('\n'),
        output: end < 0 ? '' : rest.slice(end).join('\n'),
      };
    });
}

/** What differs on each run gives way to its kind: tokens, ids, times, durations. */
export function masked(text: string): string {
  return text
    .trim()
    .replace(/eyJ(?:…|[\w-]+(?:\.[\w-]+)+)/g, '<token>')
    .replace(/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, '<id>')
    .replace(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z/g, '<time>')
    .replace(/\d+(?:\.\d+)? m?s\b/g, '<duration>')
    .replace(/\d[\d,]*\/s/g, '<rate>');
}

/** Writes what was printed into a block; an output that differs only in what is masked stays. */
export function updateOutputs(block: Block, outputs: readonly string[]): void {
  const steps = stepsOf(block).map(({ command, output }, i) => {
    const printed = outputs[i]!.trim().replace(/eyJ[\w-]+(?:\.[\w-]+)+/g, 'eyJ…');
    const shown = masked(printed) === masked(output) ? output : printed;
    return [`$ ${command.replaceAll('\n', '\n> ')}`, ...(shown === '' ? [] : [shown])].join('\n');
  });
  write(
    block.document,
    read(block.document).replace(block.body, () => `${steps.join('\n')}\n`),
  );
}
