import { execFile } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

/** What `npm run check:imports` prints about a copy of src/ after `plant` has changed it. */
async function violations(plant: (copy: (file: string) => string) => void = () => {}): Promise<string[]> {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'imports-'));
  for (const name of ['src', '.dependency-cruiser.cjs', 'package.json', 'tsconfig.json'])
    fs.cpSync(name, path.join(folder, name), { recursive: true });
  fs.symlinkSync(path.resolve('node_modules'), path.join(folder, 'node_modules'));
  plant((file) => path.join(folder, file));
  const program = path.resolve('node_modules/dependency-cruiser/bin/dependency-cruiser.mjs');
  const output = await new Promise<string>((resolve) =>
    execFile(process.execPath, [program, 'src'], { cwd: folder }, (_error, stdout, stderr) => resolve(stdout + stderr)),
  );
  fs.rmSync(folder, { recursive: true });
  return [...output.matchAll(/error (\S+): (\S+) → *\n? *(\S+)/g)].map(
    ([, rule, from, to]) => `${rule}: ${from} → ${to}`,
  );
}

const write = (file: string, text: string): void => {
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.writeFileSync(file, text);
};

test('the sources have no cycle and no import that points back', async () => {
  expect(await violations()).toEqual([]);
});

test('a planted cycle is reported, also one of types', async () => {
  const found = await violations((copy) => {
    write(copy('src/stores/a.ts'), "import { b } from './b';\nexport const a = () => b();\n");
    write(copy('src/stores/b.ts'), "import { a } from './a';\nexport const b = (): unknown => a();\n");
    write(copy('src/cli/c.ts'), "import type { D } from './d';\nexport type C = D | null;\n");
    write(copy('src/cli/d.ts'), "import type { C } from './c';\nexport interface D { c: C }\n");
  });
  expect(found).toEqual([
    expect.stringMatching(/^no-cycles: src\/stores\/[ab]\.ts → src\/stores\/[ab]\.ts$/),
    expect.stringMatching(/^no-cycles: src\/cli\/[cd]\.ts → src\/cli\/[cd]\.ts$/),
  ]);
});

test('a planted import that points back is reported', async () => {
  const found = await violations((copy) => {
    write(copy('src/services/users/a.ts'), "export * from '../../http/server';\n");
    write(copy('src/graphql/user/b.ts'), "export * from '../../queries/sessions';\n");
    write(copy('src/queries/c.ts'), "export type { Caller } from '../services/caller';\n");
  });
  expect(found.sort()).toEqual([
    'imports-of-graphql: src/graphql/user/b.ts → src/queries/sessions.ts',
    'imports-of-queries: src/queries/c.ts → src/services/caller.ts',
    'imports-of-services: src/services/users/a.ts → src/http/server.ts',
  ]);
});

test('a new folder without a row in the table is reported', async () => {
  const found = await violations((copy) => {
    write(copy('src/helpers/a.ts'), 'export const a = 1;\n');
    fs.appendFileSync(copy('src/stores/memory.store.ts'), "export { a } from '../helpers/a';\n");
  });
  expect(found).toContain('known-folder: src/stores/memory.store.ts → src/helpers/a.ts');
});
