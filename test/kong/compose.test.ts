import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import { parse } from 'yaml';
import { kongSetupConfig } from '../../src/cli/kong-setup';
import { loadConfig } from '../../src/config/config';

/** No engine runs it here: what the file says is read as Compose reads it. */
interface Service {
  image?: string;
  build?: string;
  profiles?: string[];
  ports?: string[];
  networks?: string[];
  environment?: Record<string, string | number>;
  command?: string[];
  depends_on?: Record<string, { condition: string }>;
  healthcheck?: { test?: string[] };
}

type Variables = Record<string, string>;

const text = fs.readFileSync('docker-compose.yml', 'utf8');
const REQUIRED = {
  POSTGRES_PASSWORD: 'letters0',
  JWT_SIGNER_KEY: randomBytes(64).toString('base64'),
  ADMIN_USERNAME: 'admin',
  ADMIN_PASSWORD: 'secret!',
};
const SECRET = { KONG_SHARED_SECRET: 'of-the-gateway-0123456789' };

/**
 * `${A:-b}`, `${A:+b}`, `${A:?b}`, nested, and `$$`: before the profiles are looked at, as Compose
 * does it.
 */
function interpolate(value: string, variables: Variables): string {
  let result = '';
  for (let at = 0; at < value.length; ) {
    if (value.startsWith('$$', at)) {
      result += '$';
      at += 2;
    } else if (value.startsWith('${', at)) {
      const end = closingBrace(value, at + 2);
      result += expand(value.slice(at + 2, end), variables);
      at = end + 1;
    } else {
      result += value[at];
      at += 1;
    }
  }
  return result;
}

function closingBrace(value: string, from: number): number {
  for (let at = from, depth = 0; at < value.length; at += 1) {
    if (value[at] === '{') depth += 1;
    else if (value[at] === '}' && depth-- === 0) return at;
  }
  throw new Error(`no closing brace: ${value}`);
}

function expand(expression: string, variables: Variables): string {
  const [, name = '', operator, rest = ''] = /^(\w+)(?::([-+?])([\s\S]*))?$/.exec(expression) ?? [];
  if (name === '') throw new Error(`not understood: ${expression}`);
  const given = variables[name] ?? '';
  if (operator === '+') return given === '' ? '' : interpolate(rest, variables);
  if (given !== '') return given;
  if (operator === '?') throw new Error(`${name}: ${rest}`);
  return operator === '-' ? interpolate(rest, variables) : '';
}

/** The services that run. */
function servicesWith(variables: Variables, profiles: string[] = []): Record<string, Service> {
  const walk = (node: unknown): unknown => {
    if (typeof node === 'string') return interpolate(node, variables);
    if (Array.isArray(node)) return node.map(walk);
    if (typeof node === 'object' && node !== null)
      return Object.fromEntries(Object.entries(node).map(([key, value]) => [key, walk(value)]));
    return node;
  };
  const { services } = walk(parse(text)) as { services: Record<string, Service> };
  return Object.fromEntries(
    Object.entries(services).filter(
      ([, service]) => !service.profiles || service.profiles.some((profile) => profiles.includes(profile)),
    ),
  );
}

/** `address:port/protocol` on the machine. */
const published = (service: Service | undefined): string[] =>
  (service?.ports ?? []).map((port) => {
    const [, address = '0.0.0.0', host, protocol = 'tcp'] = /^(?:([\d.]+):)?(\d+):\d+(?:\/(\w+))?$/.exec(port) ?? [];
    return `${address}:${host}/${protocol}`;
  });

/** The environment as the process gets it. */
const environment = ({ environment = {} }: Service): Variables =>
  Object.fromEntries(Object.entries(environment).map(([name, value]) => [name, String(value)]));

describe('docker-compose.yml', () => {
  test('without the profile: the API on its three ports, no Kong, and no variable of Kong is asked for', () => {
    const services = servicesWith(REQUIRED);
    expect(Object.keys(services)).toEqual(['api', 'postgres', 'redis']);
    expect(published(services.api)).toEqual(['0.0.0.0:9000/tcp', '0.0.0.0:8080/tcp', '0.0.0.0:4000/tcp']);
    const config = loadConfig(environment(services.api!));
    expect(config.http).toMatchObject({ gatewayPort: 8080, trustProxy: false });
    expect(config.kong.adminUrl).toBeUndefined();
  });

  test('with the profile: Kong on 8000 and 8080, its Admin API for this machine only, and nothing else for others', () => {
    const services = servicesWith({ ...REQUIRED, ...SECRET }, ['gateway']);
    expect(Object.keys(services)).toEqual([
      'api',
      'postgres',
      'redis',
      'kong',
      'kong-migrations',
      'kong-setup',
      'kong-postgres',
    ]);
    expect(services.kong!.ports).toEqual(['8000:8000', '8080:8000', '127.0.0.1:8001:8001']);
    expect(services.kong!.image).toBe('kong:3.9');
    const all = Object.values(services).flatMap(published);
    expect(all.filter((one) => one.startsWith('0.0.0.0'))).toEqual(['0.0.0.0:8000/tcp', '0.0.0.0:8080/tcp']);
    const places = all.map((one) => one.replace(/^[\d.]+:/, ''));
    expect(new Set(places).size).toBe(places.length);
  });

  test('behind Kong the API has no gateway port of its own, and trusts only who knows the secret', () => {
    const { api } = servicesWith({ ...REQUIRED, ...SECRET }, ['gateway']);
    const config = loadConfig(environment(api!));
    expect(config.production).toBe(true);
    expect(config.http).toMatchObject({ gatewayPort: 'off', trustProxy: 1, publicUrl: 'http://localhost:8000' });
    expect(config.kong).toMatchObject({
      adminUrl: 'http://kong:8001',
      trustedProxies: [],
      sharedSecret: SECRET.KONG_SHARED_SECRET,
    });
  });

  test('the set-up runs the command of the image, after Kong is well, with the same secret', () => {
    const services = servicesWith({ ...REQUIRED, ...SECRET }, ['gateway']);
    const { command, environment: _, depends_on, build } = services['kong-setup']!;
    expect({ command, depends_on, build }).toEqual({
      command: ['node', 'dist/src/cli/kong-setup.js'],
      depends_on: { kong: { condition: 'service_healthy' } },
      build: services.api!.build as string,
    });
    expect(fs.existsSync('src/cli/kong-setup.ts')).toBe(true);
    expect(kongSetupConfig(environment(services['kong-setup']!))).toMatchObject({
      adminUrl: 'http://kong:8001',
      upstreamUrl: 'http://api:9000',
      sharedSecret: SECRET.KONG_SHARED_SECRET,
      hints: [],
    });
  });

  test('databases count as healthy only when they answer over TCP, which they do after their initialization', () => {
    const services = servicesWith({ ...REQUIRED, ...SECRET }, ['gateway']);
    for (const name of ['postgres', 'kong-postgres'])
      expect(services[name]?.healthcheck?.test).toEqual(expect.arrayContaining(['pg_isready', '--host=127.0.0.1']));
  });

  test('who depends on another shares a network or has nothing to say to it, and all that is depended on runs too', () => {
    const services = servicesWith({ ...REQUIRED, ...SECRET }, ['gateway']);
    for (const { depends_on = {} } of Object.values(services))
      for (const name of Object.keys(depends_on)) expect(services[name]).toBeDefined();
    expect(services['kong-postgres']!.networks).toEqual(['kong']);
    expect(services.kong!.networks).toEqual(expect.arrayContaining(['kong', 'gateway']));
    expect(services.api!.networks).toEqual(['default', 'gateway']);
    expect(services['kong-setup']!.networks).toEqual(['gateway']);
  });

  describe('the secret is required', () => {
    const migrations = (variables: Variables, kong = 'echo "kong $*"') => {
      const [shell = '', ...rest] = servicesWith({ ...REQUIRED, ...variables }, ['gateway'])['kong-migrations']!
        .command!;
      const script = `sleep() { echo waits; }\nkong() { ${kong}; }\n${rest.at(-1)}`;
      const { status, stdout, stderr } = spawnSync(shell, ['-c', script], { encoding: 'utf8' });
      return { status, stdout, stderr };
    };

    test('nothing of the profile runs without it', () => {
      expect(migrations({})).toEqual({
        status: 1,
        stdout: '',
        stderr: 'Set KONG_SHARED_SECRET, for example to what this prints: openssl rand -hex 24\n',
      });
      const services = servicesWith(REQUIRED, ['gateway']);
      expect(services.kong!.depends_on).toMatchObject({
        'kong-migrations': { condition: 'service_completed_successfully' },
      });
    });

    test('with it the database of Kong is made, or brought up to date', () => {
      const stdout = 'kong migrations bootstrap\nkong migrations up\nkong migrations finish\n';
      expect(migrations(SECRET)).toEqual({ status: 0, stdout, stderr: '' });
    });

    test('migrations are tried again while the database of Kong is not there, but not for ever', () => {
      const late = '[ "$attempt" -ge 3 ] && echo "kong $*"';
      expect(migrations(SECRET, late).stdout.split('\n').slice(0, 3)).toEqual([
        'waits',
        'waits',
        'kong migrations bootstrap',
      ]);
      expect(migrations(SECRET, late).status).toBe(0);
      expect(migrations(SECRET, 'false').status).toBe(1);
    });

    test('it is in no container but those that need it, and in no command', () => {
      const services = servicesWith({ ...REQUIRED, ...SECRET }, ['gateway']);
      const holders = Object.entries(services).filter(([, service]) =>
        JSON.stringify(service).includes(SECRET.KONG_SHARED_SECRET),
      );
      expect(holders.map(([name]) => name)).toEqual(['api', 'kong-setup']);
      for (const { command } of Object.values(services))
        expect(JSON.stringify(command ?? '')).not.toContain(SECRET.KONG_SHARED_SECRET);
    });
  });
});
