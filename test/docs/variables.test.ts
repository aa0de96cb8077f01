import fs from 'node:fs';
import { parse } from 'dotenv';
import { loadConfig, variableNames } from '../../src/config/config';
import { secretNames } from '../../src/config/secret-files';

const example = fs.readFileSync('.env.example', 'utf8');
const documented = fs.readFileSync('docs/configuration.md', 'utf8');
const commented = [...example.matchAll(/^#([A-Z_]+)=(.*)$/gm)].map(([, name, value]) => [name!, value!] as const);

/** Of what is given as an example, and not as the value that holds when it is left out. */
const EXAMPLES = new Set([
  'DATABASE_URL',
  'DATABASE_DIRECT_URL',
  'REDIS_URL',
  'SMTP_URL',
  'EUREKA_URL',
  'KONG_ADMIN_URL',
  'OTEL_EXPORTER_OTLP_ENDPOINT',
]);

test('.env.example names every variable that is read, once, and no other', () => {
  expect(commented.map(([name]) => name).sort()).toEqual([...variableNames].sort());
});

test('.env.example changes nothing as it is: every value is commented out', () => {
  expect(parse(example)).toEqual({});
  for (const line of example.split('\n')) expect(line).toMatch(/^(#.*)?$/);
});

test('.env.example with every # taken away can be used, and gives what holds without it', () => {
  const values = Object.fromEntries(commented);
  expect(() => loadConfig(values)).not.toThrow();
  const defaults = Object.fromEntries(commented.filter(([name]) => !EXAMPLES.has(name)));
  expect(loadConfig(defaults)).toEqual({ ...loadConfig({}), seed: { ...loadConfig({}).seed, username: 'admin' } });
});

test('.env.example explains each variable: none without a comment above it or its group', () => {
  const lines = example.split('\n');
  for (const [index, line] of lines.entries()) {
    if (!/^#[A-Z_]+=/.test(line)) continue;
    let above = index - 1;
    while (/^#[A-Z_]+=/.test(lines[above]!)) above--;
    expect(lines[above]).toMatch(/^# \S/);
  }
});

test('docs/configuration.md has one row for every variable, and none for another', () => {
  const rows = [...documented.matchAll(/^\| `([A-Z_]+)` \|/gm)].map(([, name]) => name);
  expect(rows.sort()).toEqual([...variableNames].sort());
});

test.each(commented.filter(([name, value]) => value !== '' && !EXAMPLES.has(name)))(
  'docs/configuration.md and .env.example agree on %s=%s',
  (name, value) => {
    const row = new RegExp(`^\\| \`${name}\` \\| ([^|]*) \\|`, 'm').exec(documented)?.[1] ?? '';
    const said = row.replaceAll('`', '').trim();
    const worded: Record<string, string> = {
      PUBLIC_URL: 'http://localhost:PORT',
      GATEWAY_PUBLIC_URL: 'http://localhost:GATEWAY_PORT',
      JWT_AUDIENCE: 'the issuer',
      INTROSPECTION: 'on in development',
      PLAYGROUND: 'on in development',
      KONG_UPSTREAM_URL: 'http://127.0.0.1:PORT',
      KONG_TRUSTED_PROXIES: 'loopback, unless there is a secret',
    };
    expect(said).toBe(worded[name] ?? value);
  },
);

test('docs/configuration.md lists the secrets that may be read from a file', () => {
  const sentence = /This holds for (.*?)\. One/.exec(documented)?.[1] ?? '';
  expect([...sentence.matchAll(/`([A-Z_]+)`/g)].map(([, name]) => name)).toEqual([...secretNames]);
});
