import fs from 'node:fs';
import path from 'node:path';

const src = path.join(__dirname, '../../src');

/** What a folder may import from, beside itself. The composition (`app.ts`, `compose-services.ts`, `open-doors.ts`) imports everything. */
const below: Record<string, readonly string[]> = {
  config: [],
  errors: [],
  entities: [],
  stores: ['config', 'errors'],
  mail: ['config', 'errors'],
  eureka: ['config', 'errors'],
  kong: ['config', 'errors'],
  database: ['config', 'errors', 'entities', 'security', 'services'],
  security: ['config', 'errors', 'stores', 'database'],
  services: ['config', 'errors', 'entities', 'stores', 'database', 'security', 'mail', 'kong'],
  graphql: ['config', 'errors', 'database', 'security', 'services'],
  http: ['config', 'errors', 'database', 'security', 'services', 'graphql', 'kong'],
  rest: ['config', 'errors', 'security', 'services', 'graphql', 'http'],
};

/** Each of these points back for a reason: the seed uses the rules for passwords, the banner describes the app, the doors' shapes. */
const allowed = new Set([
  'database/seed.ts → services',
  'database/seed.ts → security',
  'database/sql.ts → security',
  'http/startup-banner.ts → app',
]);

function files(folder: string): string[] {
  return fs.readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const at = path.join(folder, entry.name);
    if (entry.isDirectory()) return files(at);
    return entry.name.endsWith('.ts') ? [at] : [];
  });
}

/** `folder/file.ts → folder` for every import that leaves its folder. */
function imports(folder: string): string[] {
  return files(path.join(src, folder)).flatMap((file) =>
    [...fs.readFileSync(file, 'utf8').matchAll(/from '(\.{1,2}\/[^']+)'/g)]
      .map(([, target]) => path.relative(src, path.resolve(path.dirname(file), target!)).split(path.sep)[0]!)
      .filter((target) => target !== folder && !target.startsWith('..'))
      .map((target) => `${path.relative(src, file)} → ${target}`),
  );
}

describe('the house', () => {
  it.each(Object.keys(below))('lets %s import in one direction only', (folder) => {
    const wrong = imports(folder).filter((entry) => !below[folder]!.includes(entry.split(' → ')[1]!) && !allowed.has(entry));
    expect(wrong).toEqual([]);
  });

  it('reads the environment in one place', () => {
    const readers = files(src).filter((file) => /process\.env/.test(fs.readFileSync(file, 'utf8')));
    expect(readers.map((file) => path.relative(src, file)).sort()).toEqual(['config/environment.ts', 'database/mikro-orm.config.ts']);
  });
});
