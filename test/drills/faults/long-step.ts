import { LogoutDocument, MeDocument, RefreshDocument } from '../../../src/rest/generated/operations';
import { eventually } from '../../support/eventually';
import type { ProcessClock } from '../stage/clock';
import type { Stage } from '../stage/stage';

const HOUR = 3600;

/**
 * The clock of a server goes an hour forward, and back: tokens expire by it, sessions go on, and what
 * was revoked stays revoked. @throws Error when one of these does not hold
 */
export async function runLongStep(stage: Stage, clock: ProcessClock): Promise<void> {
  const [server] = stage.servers as [Stage['servers'][0]];
  const name = (what: string) => `clock-${what}-${Date.now()}`;
  const user = await server.user({ username: name('user'), email: `${name('mail')}@example.org` });
  const revoked = await server.login(user.username);
  await server.data(LogoutDocument, { input: { token: revoked.accessToken } });
  const outcomes = async (wanted: string, token: string) => {
    const got = await server.outcome(MeDocument, {}, token);
    if (got !== wanted) throw new Error(`a token gets ${got} where ${wanted} is due`);
  };

  clock.step(HOUR);
  await outcomes('UNAUTHENTICATED', user.token); // its 15 minutes are over
  const { refresh } = await server.data(RefreshDocument, { input: { refreshToken: user.tokens.refreshToken } });
  const ahead = refresh!.tokens!;
  await outcomes('ok', ahead.accessToken);
  await outcomes('UNAUTHENTICATED', revoked.accessToken);
  for (let i = 0; i < 5; i++)
    await server.outcome('mutation { login(input: { username: "nobody", password: "x" }) { user { id } } }');
  await server.data('mutation($e: String!) { requestPasswordReset(input: { email: $e }) { __typename } }', {
    e: (await stage.postgres.sql<{ email: string }>('select email from users where id = $1', [user.id]))[0]!.email,
  });
  await eventually('the mail of a job', () => stage.smtp.received.length > 0);

  clock.step(0);
  await outcomes('ok', ahead.accessToken); // issued in what is now the future
  await outcomes('ok', user.token); // its 15 minutes are not over
  await outcomes('UNAUTHENTICATED', revoked.accessToken);
  const again = await server.data(RefreshDocument, { input: { refreshToken: ahead.refreshToken! } });
  await outcomes('ok', again.refresh!.tokens!.accessToken);
  await server.login(user.username);
  const before = stage.smtp.received.length;
  const other = await server.user({ username: name('other'), email: `${name('other')}@example.org` });
  await server.data('mutation($e: String!) { requestPasswordReset(input: { email: $e }) { __typename } }', {
    e: (await stage.postgres.sql<{ email: string }>('select email from users where id = $1', [other.id]))[0]!.email,
  });
  await eventually('the mail of a job after the step back', () => stage.smtp.received.length > before);
}
