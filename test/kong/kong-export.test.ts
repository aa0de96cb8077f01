import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { parse } from 'yaml';
import { kongPlanOptions, kongSetup } from '../../src/cli/kong-setup';
import { declarativeConfig } from '../../src/integrations/kong/declarative-config';
import { startFakeKong } from '../fakes/kong/fake-kong';

const ENV = {
  KONG_UPSTREAM_URL: 'http://api:9000',
  KONG_SHARED_SECRET: 'shared: "secret" of #Kong'.replaceAll(' ', '-'),
  CORS_ORIGINS: 'http://localhost:3000,https://my_app.example',
};

interface Entity extends Record<string, unknown> {
  name: string;
  plugins?: Entity[];
  routes?: Entity[];
}

test('kong:export writes what kong:setup makes: after an import there is nothing to change', async () => {
  const options = kongPlanOptions(ENV);
  const { _format_version, services } = parse(declarativeConfig(options)) as {
    _format_version: string;
    services: Entity[];
  };
  expect(_format_version).toBe('3.0');
  const gateway = await startFakeKong();
  const put = async (method: string, where: string, body: object) => {
    const response = await fetch(gateway.adminUrl + where, {
      method,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    expect([200, 201]).toContain(response.status);
  };
  for (const { plugins = [], routes = [], ...service } of services) {
    await put('PUT', `/services/${service.name}`, service);
    for (const plugin of plugins) await put('POST', `/services/${service.name}/plugins`, plugin);
    for (const { plugins: own = [], ...route } of routes) {
      await put('PUT', `/services/${service.name}/routes/${route.name}`, route);
      for (const plugin of own) await put('POST', `/routes/${route.name}/plugins`, plugin);
    }
  }
  const lines: string[] = [];
  await kongSetup({ ...options, adminUrl: gateway.adminUrl, timeoutMs: 2000 }, (line) => lines.push(line));
  await gateway.stop();
  expect(lines).toEqual(['nothing to change']);
});

test('the file fits a Kong without a database: names are unique, and every entity can be selected by its tag', () => {
  const { services, ...head } = parse(declarativeConfig(kongPlanOptions(ENV))) as { services: Entity[] };
  expect(head).toEqual({ _format_version: '3.0' });
  const routes = services.flatMap((service) => service.routes ?? []);
  const plugins = [...services, ...routes].map((entity) => entity.plugins ?? []);
  for (const names of [services, routes, ...plugins].map((entities) => entities.map(({ name }) => name)))
    expect(names).toEqual([...new Set(names)]);
  for (const { tags } of [...services, ...routes, ...plugins.flat()]) expect(tags).toEqual(['graphql-identity-setup']);
});

test('the command prints the file alone, and warns beside it of the secret', () => {
  const script = path.resolve(__dirname, '../../dist/src/cli/kong-export.js');
  const run = (env: Record<string, string>) =>
    spawnSync(process.execPath, [script], { encoding: 'utf8', env: { PATH: process.env.PATH, ...env } });
  const { status, stdout, stderr } = run(ENV);
  expect(status).toBe(0);
  expect(parse(stdout).services.map(({ name }: Entity) => name)).toContain('graphql-identity-protected');
  expect(stderr).toBe('This holds KONG_SHARED_SECRET: keep it where only you can read it.\n');
  const wrong = run({ KONG_UPSTREAM_URL: 'api:9000' });
  expect({ status: wrong.status, stdout: wrong.stdout }).toEqual({ status: 1, stdout: '' });
  expect(wrong.stderr).toContain('KONG_UPSTREAM_URL must be a URL');
});
