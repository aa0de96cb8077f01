import Ajv2020 from 'ajv/dist/2020';
import addFormats from 'ajv-formats';
import { type Loose, type RestWorld, startRest } from '../../support/rest';
import { caseTables } from './cases';
import type { Case } from './cases/case';

let world: RestWorld;
let description: Loose;
let ajv: Ajv2020;
beforeAll(async () => {
  world = await startRest();
  description = await (await fetch(`${world.app.origin}/openapi.json`)).json();
  ajv = new Ajv2020({ strict: true, allErrors: true, allowUnionTypes: true });
  addFormats(ajv);
  ajv.addVocabulary(['openapi', 'info', 'servers', 'tags', 'paths', 'components']);
  ajv.addSchema(description, 'openapi');
});
afterAll(() => world.close());

const operationOf = (route: string): Loose => {
  const [method = '', path = ''] = route.split(' ');
  return description.paths[`/identity${path.replace(/:(\w+)/g, '{$1}')}`]?.[method.toLowerCase()];
};

/** Compiles a schema where it stands, so that its references are those of the document. */
const validator = (pointer: string[]) =>
  ajv.compile({
    $ref: `openapi#/${pointer.map((step) => encodeURIComponent(step.replaceAll('~', '~0').replaceAll('/', '~1'))).join('/')}`,
  });

function schemaOf(route: string, ...rest: string[]) {
  const [method = '', path = ''] = route.split(' ');
  return validator(['paths', `/identity${path.replace(/:(\w+)/g, '{$1}')}`, method.toLowerCase(), ...rest]);
}

const cases = Object.values(caseTables).flat();
/** One case of each route and status: the first. */
const samples = [...Map.groupBy(cases, ({ route, status }) => `${status} ${route}`).values()].map(
  ([first]) => first as Case,
);

test('describes 3.1 on whatever address it is read from', () => {
  expect(description.openapi).toBe('3.1.0');
  expect(description.servers).toEqual([{ url: '/' }]);
});

test.each(samples)('$route: a real answer with $status is as described', async ({ route, given, status }) => {
  const sent = await given(world, world.main);
  const answer = await world.main.call(route, sent);
  expect(answer.status).toBe(status);
  expect(operationOf(route).responses).toHaveProperty(String(status));
  const fits = schemaOf(route, 'responses', String(status), 'content', 'application/json', 'schema');
  expect([fits(answer.body), fits.errors]).toEqual([true, null]);
});

const routes = [...new Set(cases.map(({ route }) => route))];

test.each(routes)('%s: its examples are as described, and the request is taken', async (route) => {
  const { requestBody, responses } = operationOf(route);
  for (const [status, response] of Object.entries<Loose>(responses)) {
    const content = response.content['application/json'];
    const examples: unknown[] = [
      ...(content.example === undefined ? [] : [content.example]),
      ...Object.values<Loose>(content.examples ?? {}).map(({ value }) => value),
    ];
    if (status !== 'default') expect(examples.length).toBeGreaterThan(0);
    const fits = schemaOf(route, 'responses', status, 'content', 'application/json', 'schema');
    for (const example of examples) expect([fits(example), fits.errors, example]).toEqual([true, null, example]);
  }
  if (!requestBody) return;
  const { example } = requestBody.content['application/json'];
  const fits = schemaOf(route, 'requestBody', 'content', 'application/json', 'schema');
  expect([fits(example), fits.errors]).toEqual([true, null]);
  const { body } = await world.main.call(route, { params: { userId: 'x' }, body: example });
  // nothing is wrong with the body itself; the code of the example was sent to no one
  expect([undefined, 'otp']).toContain(body.errors?.[0].field);
});

test('states for each operation whether it needs a token', () => {
  const open = routes.filter((route) => operationOf(route).security.length === 0).sort();
  expect(open).toEqual([
    'POST /auth/forgot-password',
    'POST /auth/introspect',
    'POST /auth/logout',
    'POST /auth/refresh',
    'POST /auth/reset-password',
    'POST /auth/token',
    'POST /auth/verify-otp',
    'POST /users',
  ]);
});

test('describes every route of the contract', () => {
  const described = Object.entries<Loose>(description.paths)
    .filter(([path]) => path.startsWith('/identity/'))
    .flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path.slice(9).replace(/\{(\w+)\}/g, ':$1')}`),
    );
  expect(described.sort()).toEqual(routes.sort());
});

test('is read by the page at /docs', async () => {
  const page = await fetch(`${world.app.origin}/docs`);
  expect(page.headers.get('content-security-policy')).toContain("default-src 'none'");
  expect([page.status, (await page.text()).includes('/openapi.json')]).toEqual([200, true]);
});
