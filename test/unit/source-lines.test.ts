import fs from 'node:fs';
import path from 'node:path';
import { build } from 'esbuild';
import { mapStackTraces } from '../../src/runtime/source-lines';
import { temporaryFolder } from '../support/processes';

const prepareStackTrace = Error.prepareStackTrace;
afterEach(() => {
  Error.prepareStackTrace = prepareStackTrace;
});

test('stack traces of a bundle name the lines of its sources', async () => {
  const folder = fs.realpathSync(temporaryFolder());
  const source = path.join(folder, 'thrower.ts');
  fs.writeFileSync(
    source,
    `interface Unseen {\n  a: 1;\n}\nexport const fail = (_: Unseen) => {\n  throw new Error('x');\n};\n`,
  );
  const bundle = path.join(folder, 'out/bundle.js');
  await build({
    entryPoints: [source],
    outfile: bundle,
    bundle: true,
    format: 'cjs',
    platform: 'node',
    sourcemap: true,
  });
  const { fail } = require(bundle);
  mapStackTraces(bundle);
  expect(stackOf(fail)).toMatch(`Error: x\n    at fail (${source}:5:9)\n    at `);
  expect(stackOf(fail)).toContain(`source-lines.test`);
});

function stackOf(fail: () => void): string {
  try {
    fail();
  } catch (error) {
    return (error as Error).stack!;
  }
  throw new Error('it did not fail');
}
