import bcrypt from 'bcrypt';
import { documents, graphqlRequest, send } from '../api.mjs';
import { compare } from '../compare.mjs';
import { PASSWORD, userName } from '../seed.mjs';
import { startFloor } from '../server-process.mjs';

const IN_FLIGHT = 8;
const REST_LOGIN = '/identity/auth/token';

/** Spec of logins by different users, through GraphQL. */
export function graphqlLogins({ options, users }) {
  const bodies = Array.from({ length: Math.min(users, 1000) - 1 }, (_, i) =>
    JSON.stringify({ query: documents.login, variables: { input: { username: userName(i + 1), password: PASSWORD } } }),
  );
  return {
    connections: IN_FLIGHT,
    seconds: options.seconds,
    pattern: 'turns',
    request: graphqlRequest(documents.login),
    bodies,
    check: { kind: 'member', path: 'data.login.tokens.accessToken', length: 100 },
  };
}

function restLogins(context) {
  const bodies = Array.from({ length: Math.min(context.users, 1000) - 1 }, (_, i) =>
    JSON.stringify({ username: userName(i + 1), password: PASSWORD }),
  );
  return {
    ...graphqlLogins(context),
    request: { method: 'POST', path: REST_LOGIN, headers: { 'content-type': 'application/json' } },
    bodies,
    check: { kind: 'member', path: 'result.token', length: 100 },
  };
}

/** W1: logins at 8 in flight against bcrypt alone. */
export async function run(context) {
  const { load, server } = context;
  const channels = { GraphQL: graphqlLogins(context), REST: restLogins(context) };
  const rows = [];
  for (const [channel, spec] of Object.entries(channels)) {
    const { status, text } = await send(server, { ...spec.request, body: spec.bodies[0] });
    if (status === 404) continue;
    if (status !== 200) throw new Error(`the login at ${channel} answered ${status} ${text}`);
    const floor = await startFloor('bcrypt.mjs', { hash: await bcrypt.hash(PASSWORD, 10), answer: text });
    try {
      const { a, b } = await compare(load, {
        label: `W1 login, ${channel}`,
        a: server,
        b: floor,
        specOf: () => spec,
        rounds: 2,
      });
      rows.push({
        id: `login.${channel}`,
        name: `W1 login, ${channel}, ${IN_FLIGHT} in flight`,
        target: 0.93,
        figures: a,
        floor: b,
      });
    } finally {
      await floor.stop();
    }
  }
  return rows;
}
