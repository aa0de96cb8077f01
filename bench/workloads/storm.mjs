import { documents, graphqlRequest, logInAsAdmin, logInAsUser } from '../api.mjs';
import { measure } from '../compare.mjs';
import { progress } from '../report/progress.mjs';
import { userName } from '../seed.mjs';
import { graphqlLogins } from './login.mjs';
import { steady } from './token-checks.mjs';

const IN_FLIGHT = 8;

/** W6: token checks while 8 logins are always in flight. Each is compared with itself alone. */
export async function run(context) {
  const { load, server, options } = context;
  const seconds = options.seconds * 2;
  const { accessToken } = await logInAsUser(server, 3);
  const { accessToken: admin } = await logInAsAdmin(server);
  const request = graphqlRequest(documents.introspect, { input: { token: accessToken } }, admin);
  const checks = await steady(server, request, { seconds, connections: IN_FLIGHT, contains: userName(3) });
  const logins = { ...graphqlLogins(context), seconds };

  const checksAlone = await measure(load, { label: 'W6 token checks alone', target: server, specOf: () => checks, slices: 1 });
  const loginsAlone = await measure(load, { label: 'W6 logins alone', target: server, specOf: () => logins, slices: 1 });
  progress('W6 storm: both at once');
  const [checksInStorm, loginsInStorm] = await Promise.all([checks, logins].map((spec) => load.run({ ...spec, url: server.url })));
  const again = await measure(load, { label: 'W6 token checks alone', target: server, specOf: () => checks, slices: 1, warmUp: false });
  const alone = (checksAlone.perSecond + again.perSecond) / 2;
  return [
    row('storm.checks', 'W6 token checks in the storm', 0.35, checksInStorm, { ...checksAlone, perSecond: alone }),
    {
      ...row('storm.p99', 'W6 p99 of token checks in the storm', 50, checksInStorm, checksAlone),
      unit: 'ms',
      atMost: true,
      value: checksInStorm.latencies.p99,
    },
    row('storm.logins', 'W6 logins in the storm', 0.5, loginsInStorm, loginsAlone),
  ];
}

function row(id, name, target, inStorm, alone) {
  const { requests, seconds, latencies, wrong, example } = inStorm;
  return { id, name, target, figures: { requests, perSecond: requests / seconds, ...latencies, wrong, example }, floor: alone };
}
