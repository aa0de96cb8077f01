import { documents, graphqlRequest, logInAsAdmin, logInAsUser } from '../api.mjs';
import { measure, Tally } from '../compare.mjs';
import { progress } from '../report/progress.mjs';
import { userName } from '../seed.mjs';
import { graphqlLogins } from './login.mjs';
import { steady } from './token-checks.mjs';

const IN_FLIGHT = 8;
/** The bound on p99 is absolute: it is checked as the median of these. */
const STORMS = 3;

/** W6: token checks while 8 logins are always in flight. Each is compared with itself alone. */
export async function run(context) {
  const { load, server, options } = context;
  const seconds = options.seconds * 2;
  const { accessToken } = await logInAsUser(server, 3);
  const { accessToken: admin } = await logInAsAdmin(server);
  const request = graphqlRequest(documents.introspect, { input: { token: accessToken } }, admin);
  const checks = await steady(server, request, { seconds, connections: IN_FLIGHT, contains: userName(3) });
  const logins = { ...graphqlLogins(context), seconds };

  const checksAlone = await measure(load, {
    label: 'W6 token checks alone',
    target: server,
    specOf: () => checks,
    slices: 1,
  });
  const loginsAlone = await measure(load, {
    label: 'W6 logins alone',
    target: server,
    specOf: () => logins,
    slices: 1,
  });
  const storms = [];
  for (let i = 0; i < STORMS; i++) {
    progress(`W6 storm ${i + 1} of ${STORMS}: both at once`);
    storms.push(await Promise.all([checks, logins].map((spec) => load.run({ ...spec, url: server.url }))));
  }
  const checksInStorm = together(
    server,
    storms.map(([result]) => result),
  );
  const loginsInStorm = together(
    server,
    storms.map(([, result]) => result),
  );
  const again = await measure(load, {
    label: 'W6 token checks alone',
    target: server,
    specOf: () => checks,
    slices: 1,
    warmUp: false,
  });
  const alone = (checksAlone.perSecond + again.perSecond) / 2;
  return [
    row('storm.checks', 'W6 token checks in the storm', 0.5, checksInStorm, { ...checksAlone, perSecond: alone }),
    {
      ...row('storm.p99', 'W6 p99 of token checks in the storm', 25, checksInStorm, checksAlone),
      unit: 'ms',
      atMost: true,
      value: checksInStorm.p99,
    },
    row('storm.logins', 'W6 logins in the storm', 0.65, loginsInStorm, loginsAlone),
  ];
}

function row(id, name, target, inStorm, alone) {
  return { id, name, target, figures: inStorm, floor: alone };
}

/** Both loads are on one server: whose CPU time it was cannot be told. */
const UNTOLD = { processMs: Number.NaN, databaseMs: Number.NaN };

function together(server, results) {
  const tally = new Tally();
  for (const result of results) tally.add(result, UNTOLD, server.rssMb());
  return tally.figures();
}
