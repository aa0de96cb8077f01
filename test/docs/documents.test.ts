import fs from 'node:fs';
import path from 'node:path';
import { documents, isUpdating, read, root, write } from './documents';
import { tables } from './tables';

const TABLE = /(<!-- table: (.+) -->\n)([\s\S]*?)<!-- \/table -->/g;

/** As a code host makes it of a heading. */
const anchorOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-');

const anchorsOf = (document: string): string[] =>
  [...read(document).matchAll(/^#+ (.+)$/gm)].map(([, heading]) => anchorOf(heading!));

/** Without fenced blocks. */
const proseOf = (document: string): string => read(document).replace(/^```[\s\S]*?^```$/gm, '');

const shown = documents.flatMap((document) =>
  [...read(document).matchAll(TABLE)].map(([, , name, rows]) => ({ document, name: name!, rows: rows! })),
);

test('every table that is made of the code stands in a document, once', () => {
  expect(shown.map(({ name }) => name).sort()).toEqual(Object.keys(tables).sort());
});

test.each(shown)('$document shows the table "$name" as the code has it', ({ document, name, rows }) => {
  const expected = `\n${tables[name]!()}\n\n`;
  if (isUpdating)
    write(
      document,
      read(document).replace(TABLE, (all, begin, other) =>
        other === name ? `${begin}${expected}<!-- /table -->` : all,
      ),
    );
  else expect(rows).toBe(expected);
});

describe.each(documents)('%s', (document) => {
  test('links to files and headings that exist', () => {
    const links = [...read(document).matchAll(/\]\(([^)\s]+)\)/g)]
      .map(([, link]) => link!)
      .filter((link) => !/^https?:/.test(link));
    const broken = links.filter((link) => {
      const [file = '', anchor] = link.split('#');
      const target = file === '' ? document : path.join(path.dirname(document), file);
      return !fs.existsSync(path.join(root, target)) || (anchor !== undefined && !anchorsOf(target).includes(anchor));
    });
    expect(broken).toEqual([]);
  });

  test('names files and folders that exist', () => {
    const named = [...proseOf(document).matchAll(/`((?:src|test|schema|migrations|bench|web|docs)\/[^`\s]*)`/g)].map(
      ([, name]) => name!,
    );
    expect(named.filter((name) => !fs.existsSync(path.join(root, name)))).toEqual([]);
  });

  test('names scripts that exist', () => {
    const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
    const named = [...read(document).matchAll(/npm run (?:-s )?([\w:]+)/g)].map(([, name]) => name!);
    expect(named.filter((name) => !(name in scripts))).toEqual([]);
  });

  test('is reached from README.md', () => {
    if (document !== 'README.md') expect(read('README.md')).toContain(`](${document})`);
  });
});

test('README.md has at most 900 words', () => {
  expect(read('README.md').trim().split(/\s+/).length).toBeLessThanOrEqual(900);
});

test('docs/glossary.md has at most 20 lines', () => {
  expect(read('docs/glossary.md').trimEnd().split('\n').length).toBeLessThanOrEqual(20);
});
