import { errorCodes } from '../../../src/errors/catalogue';
import { identityErrors } from '../../../src/rest/contracts/identity/errors';
import { identityContract } from '../../../src/rest/contracts/identity/identity.contract';
import { isPublicRoute } from '../../../src/rest/engine/open-api-operation';
import { requestErrors } from '../../../src/rest/engine/request-error';
import { caseTables } from './cases';
import { limitCases } from './cases/limit.cases';

const { routes } = identityContract({ strict: false });
const cases = [...Object.values(caseTables).flat(), ...limitCases];
const nameOf = ({ method, path }: { method: string; path: string }) => `${method} ${path}`;

test('no route is without cases, and no case without a route', () => {
  expect([...new Set(cases.map(({ route }) => route))].sort()).toEqual(routes.map(nameOf).sort());
});

test('no two cases of a route promise the same', () => {
  const promises = cases.map(({ route, promise }) => `${route} ${promise}`);
  expect(promises.filter((promise, i) => promises.indexOf(promise) !== i)).toEqual([]);
});

test.each(routes.map((route) => [nameOf(route), route] as const))(
  '%s has a success and a case of each of its errors',
  (name, route) => {
    const own = cases.filter((one) => one.route === name);
    const isProtected = !isPublicRoute(route);
    const documented = [
      ...(route.fails ?? []),
      ...(isProtected ? (['UNAUTHENTICATED'] as const) : []),
      ...(route.body ? (['MALFORMED_BODY'] as const) : []),
    ];
    expect(own.map(({ status }) => status)).toContain(route.status);
    expect(documented.filter((code) => !own.some(({ shows }) => shows === code))).toEqual([]);
  },
);

test.each(cases.filter(({ shows }) => shows !== undefined))(
  '$route $promise: with the status and code of $shows',
  ({ shows, status, body }) => {
    const mapping = identityErrors[shows!];
    expect({ status, code: (body as { code: number }).code }).toEqual({ status: mapping.status, code: mapping.code });
  },
);

test('every error that the contract names has a case', () => {
  const codes = new Set(cases.map(({ body }) => (body as { code?: number }).code));
  for (const code of [1001, 1002, 1003, 1004, 1005, 1006, 1007, 1008, 1010]) expect(codes).toContain(code);
});

test('the contract maps every error', () => {
  expect(Object.keys(identityErrors).sort()).toEqual([...errorCodes, ...Object.keys(requestErrors)].sort());
});
