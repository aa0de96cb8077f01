import assert from 'node:assert/strict';
import { bearer, graphqlRequest, LIST, logInAsAdmin, send } from '../api.mjs';
import { compare } from '../compare.mjs';
import { ADMIN, startFloor } from '../server-process.mjs';
import { steady } from './token-checks.mjs';

const SIZE = 1000;
const IN_FLIGHT = 4;

/** W4: a thousand users with roles and permissions in one answer. */
export async function run(context) {
  const { load, server, databaseUrl, options, users } = context;
  const { accessToken } = await logInAsAdmin(server);
  const request = graphqlRequest(LIST, { first: SIZE }, accessToken);
  const spec = await steady(server, request, { seconds: options.seconds, connections: IN_FLIGHT, contains: 'bench_' });
  const floor = await startFloor('list.mjs', { databaseUrl, size: SIZE }, databaseUrl);
  const rows = [];
  try {
    const floorText = (await send(floor, request)).text;
    // the floor must not be quicker by saying less
    assert.equal(floorText, spec.check.body);
    const specs = { a: spec, b: { ...spec, check: { kind: 'bytes', body: floorText } } };
    const { a, b } = await compare(load, {
      label: 'W4 list, GraphQL',
      a: server,
      b: floor,
      specOf: (which) => specs[which],
    });
    rows.push({
      id: 'list.flat.GraphQL', // `list.GraphQL` was against another floor
      name: `W4 ${Math.min(SIZE, users)} users, GraphQL`,
      target: 0.5,
      figures: a,
      floor: b,
    });
    const rest = await restSpec(context, spec);
    if (rest) {
      specs.a = rest;
      const second = await compare(load, {
        label: 'W4 list, REST',
        a: server,
        b: floor,
        specOf: (which) => specs[which],
      });
      rows.push({ id: 'list.flat.REST', name: 'W4 all users, REST', target: 0.5, figures: second.a, floor: second.b });
      const channels = { a: rest, b: spec };
      const third = await compare(load, {
        label: 'W4 list, both channels',
        a: server,
        b: server,
        specOf: (which) => channels[which],
        rounds: 2,
      });
      rows.push({ id: 'list.channels', name: 'W4 REST against GraphQL', target: 1, figures: third.a, floor: third.b });
    }
  } finally {
    await floor.stop();
  }
  return rows;
}

/** The REST list has no pages: it is compared where it holds what the page holds. */
async function restSpec({ server, users }, spec) {
  if (users > SIZE) return null;
  const headers = { 'content-type': 'application/json' };
  const login = await send(server, {
    method: 'POST',
    path: '/identity/auth/token',
    headers,
    body: JSON.stringify(ADMIN),
  });
  if (login.status !== 200) return null;
  const request = { method: 'GET', path: '/identity/users', headers: bearer(JSON.parse(login.text).result.token) };
  const { status } = await send(server, request);
  return status === 200 ? steady(server, request, { ...spec, contains: 'bench_' }) : null;
}
