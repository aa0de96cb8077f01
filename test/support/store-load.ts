import { LoginDocument, LogoutDocument, MeDocument } from '../../src/rest/generated/operations';
import { PASSWORD, type TestApp, type TestUser } from './app';
import { eventually } from './eventually';
import { isLive } from './sessions';

/** Failed logins of one account from one network in a window, in every server under load. */
const LIMIT = 5;
export const LOAD_ENVIRONMENT = { LOGIN_RATE_LIMIT: `${LIMIT}/600`, TRUST_PROXY: '1' };
/** Guesses at one account: while Redis is there, all but the first LIMIT are refused. */
const GUESSES = 8;

const WRONG = 'INVALID_CREDENTIALS';
const LIMITED = 'RATE_LIMITED';

/**
 * Logins, token checks, logouts and guesses at several servers, each answer compared with what it has to be, until it
 * is stopped.
 */
export class StoreLoad {
  /** Answers that were not what they had to be. */
  readonly wrong: string[] = [];
  answers = 0;
  /** Series of guesses that were made while Redis was there from the first to the last. */
  exactSeries = 0;
  /** Whether a session of the user is live, after the last answer. */
  readonly live = new Map<string, boolean>();
  private stopping = false;
  private addresses = 0;
  private work: Promise<unknown> = Promise.resolve();
  /** How often Redis was away; null while it is. */
  private absences: number | null = 0;

  constructor(private readonly servers: readonly TestApp[]) {}

  /** @param users of the load alone, one for each loop of logins */
  start(users: readonly TestUser[]): void {
    this.work = Promise.all([...users.map((user) => this.useSessions(user)), this.guess()]);
  }

  async stop(): Promise<void> {
    this.stopping = true;
    await this.work;
  }

  /** While Redis is away each server counts for itself. */
  async withoutRedis(work: () => Promise<void>): Promise<void> {
    const before = this.absences ?? 0;
    this.absences = null;
    await work();
    this.absences = before + 1;
  }

  private server(): TestApp {
    return this.servers[this.answers % this.servers.length]!;
  }

  private expect(what: string, outcome: string, ...accepted: string[]): void {
    this.answers++;
    if (!accepted.includes(outcome)) this.wrong.push(`${what}: ${outcome} instead of ${accepted.join(' or ')}`);
  }

  /** Right passwords are never refused; a session is live until its logout, on every server. */
  private async useSessions({ id, username, token: first }: TestUser): Promise<void> {
    const tokens = [first];
    for (let round = 1; !this.stopping; round++) {
      const headers = { 'x-forwarded-for': this.address() };
      const input = { username, password: PASSWORD };
      const { body } = await this.server().gql(LoginDocument, { input }, headers);
      this.expect('a login', body.errors?.[0]?.extensions?.code?.toString() ?? 'ok', 'ok');
      const token = body.data?.login?.tokens.accessToken;
      if (!token) continue;
      tokens.push(token);
      for (const server of this.servers)
        this.expect('a token of a live session', await server.outcome(MeDocument, {}, token), 'ok');
      if (round % 2 === 0) for (const each of tokens.splice(0)) await this.logOut(each);
      this.live.set(id, tokens.length > 0);
    }
  }

  private async logOut(token: string): Promise<void> {
    const at = this.server();
    this.expect('a logout', await at.outcome(LogoutDocument, { input: { token } }), 'ok');
    this.expect('a token after its logout', await at.outcome(MeDocument, {}, token), 'UNAUTHENTICATED');
    for (const server of this.servers)
      await eventually('a logout to reach every server', async () => !(await isLive(server, token)));
  }

  /** Of wrong passwords as many are compared as the limit allows: exactly so many while Redis is there. */
  private async guess(): Promise<void> {
    for (let series = 0; !this.stopping; series++) {
      const before = this.absences;
      const headers = { 'x-forwarded-for': this.address() };
      let compared = 0;
      for (let i = 0; i < GUESSES; i++) {
        const input = { username: `nobody${series}`, password: `guess ${i}` };
        const { body } = await this.servers[i % this.servers.length]!.gql(LoginDocument, { input }, headers);
        const outcome = body.errors?.[0]?.extensions?.code?.toString() ?? 'ok';
        this.expect('a guess', outcome, WRONG, LIMITED);
        if (outcome === WRONG) compared++;
      }
      if (before === null || before !== this.absences) continue;
      this.exactSeries++;
      if (compared !== LIMIT) this.wrong.push(`${compared} of ${GUESSES} guesses were compared, not ${LIMIT}`);
    }
  }

  private address(): string {
    const number = this.addresses++;
    return `10.${(number >> 16) & 255}.${(number >> 8) & 255}.${number & 255}`;
  }
}
