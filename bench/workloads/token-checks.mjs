import { bearer, documents, graphqlRequest, logInAsAdmin, logInAsUser, send } from '../api.mjs';
import { compare } from '../compare.mjs';
import { PASSWORD, userName } from '../seed.mjs';
import { startFloor } from '../server-process.mjs';

const IN_FLIGHT = 32;

/**
 * Spec of one request that is answered with the same bytes each time; the first answer is looked at
 * here.
 */
export async function steady(server, request, { seconds, connections = IN_FLIGHT, contains }) {
  const { status, text } = await send(server, request);
  if (status !== 200 || !text.includes(contains))
    throw new Error(`${request.method} ${request.path} answered ${status} ${text.slice(0, 300)}`);
  return { connections, seconds, pattern: 'same', request, check: { kind: 'bytes', body: text } };
}

/** A compat token of the REST channel, or null where that channel is not there. */
async function compatToken(server, username) {
  const body = JSON.stringify({ username, password: PASSWORD });
  const headers = { 'content-type': 'application/json' };
  const { status, text } = await send(server, { method: 'POST', path: '/identity/auth/token', headers, body });
  return status === 200 ? JSON.parse(text).result.token : null;
}

async function against(context, { id, name, target, request, contains, introspects = false }) {
  const { load, server, redisUrl, options } = context;
  const spec = await steady(server, request, { seconds: options.seconds, contains });
  const floor = await startFloor('token-check.mjs', { redisUrl, answer: spec.check.body, introspects });
  try {
    const { a, b } = await compare(load, { label: name, a: server, b: floor, specOf: () => spec });
    return { id, name, target, figures: a, floor: b };
  } finally {
    await floor.stop();
  }
}

/** Specs of `me` alone, for other workloads. */
export async function meSpec(context, settings = {}) {
  const { accessToken } = await logInAsUser(context.server, 1);
  const request = graphqlRequest(documents.me, undefined, accessToken);
  return steady(context.server, request, { seconds: context.options.seconds, contains: userName(1), ...settings });
}

/** W2: who am I. */
export async function runMe(context) {
  const { server } = context;
  const { accessToken } = await logInAsUser(server, 1);
  const contains = userName(1);
  const rows = [
    await against(context, {
      id: 'me.GraphQL',
      name: 'W2 me, GraphQL',
      target: 0.85,
      request: graphqlRequest(documents.me, undefined, accessToken),
      contains,
    }),
  ];
  const identity = await compatToken(server, userName(1));
  if (identity) {
    const request = { method: 'GET', path: '/identity/users/my-info', headers: bearer(identity) };
    rows.push(await against(context, { id: 'me.REST', name: 'W2 my-info, REST', target: 0.45, request, contains }));
  }
  return rows;
}

/** W3: is this token good. */
export async function runIntrospect(context) {
  const { server } = context;
  const { accessToken } = await logInAsUser(server, 2);
  const { accessToken: admin } = await logInAsAdmin(server);
  const rows = [
    await against(context, {
      id: 'introspect.GraphQL',
      name: 'W3 introspect, GraphQL',
      target: 0.75,
      request: graphqlRequest(documents.introspect, { input: { token: accessToken } }, admin),
      contains: userName(2),
      introspects: true,
    }),
  ];
  const identity = await compatToken(server, userName(2));
  if (identity) {
    const body = JSON.stringify({ token: identity });
    const request = {
      method: 'POST',
      path: '/identity/auth/introspect',
      headers: { 'content-type': 'application/json' },
      body,
    };
    rows.push(
      await against(context, {
        id: 'introspect.REST',
        name: 'W3 introspect, REST',
        target: 0.9,
        request,
        contains: 'true',
        introspects: true,
      }),
    );
  }
  return rows;
}
