import { CreateUserDocument, LoginDocument, LogoutDocument, MeDocument } from '../../src/rest/generated/operations';
import { PASSWORD, type TestApp, type TestUser } from './app';
import { eventually } from './eventually';

const AWAY = 'SERVICE_UNAVAILABLE';

/** Something that was confirmed, at a time of `performance.now()`. */
interface Confirmed {
  at: number;
  value: string;
}

/**
 * Logins, token checks, logouts and new users at several servers, each answer compared with what it has to be, until
 * it is stopped. An answer that the service is away is always right; the request is repeated.
 */
export class DatabaseLoad {
  readonly wrong: string[] = [];
  answers = 0;
  /** Answers that the service is away. */
  refusals = 0;
  readonly users: Confirmed[] = [];
  readonly live: Confirmed[] = [];
  readonly revoked: Confirmed[] = [];
  private stopping = false;
  private work: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly servers: readonly TestApp[],
    private readonly admin: string,
  ) {}

  start(users: readonly TestUser[]): void {
    this.work = Promise.all([...users.map((user) => this.useSessions(user)), this.addUsers()]);
  }

  async stop(): Promise<void> {
    this.stopping = true;
    await this.work;
  }

  /** What of the confirmed things is not there. @param token live or revoked tokens that are not */
  async missing(): Promise<Confirmed[]> {
    const [server] = this.servers as [TestApp];
    const rows = await server.sql<{ username: string }>("select username from users where username like 'added%'");
    const there = new Set(rows.map(({ username }) => username));
    const lost = this.users.filter(({ value }) => !there.has(value));
    for (const [tokens, wanted] of [
      [this.live, 'ok'],
      [this.revoked, 'UNAUTHENTICATED'],
    ] as const)
      for (const token of tokens) if ((await this.check(server, token.value)) !== wanted) lost.push(token);
    return lost;
  }

  /** Repeats a request until the service is there. */
  private async persist(ask: (server: TestApp) => Promise<string>, turn: number): Promise<string> {
    for (let i = turn; ; i++) {
      const outcome = await ask(this.servers[i % this.servers.length]!);
      this.answers++;
      if (outcome !== AWAY) return outcome;
      this.refusals++;
      await new Promise((resolve) => setTimeout(resolve, 20)); // as a client does that retries
    }
  }

  private expect(what: string, outcome: string, wanted: string): void {
    if (outcome !== wanted) this.wrong.push(`${what}: ${outcome} instead of ${wanted}`);
  }

  private check = (server: TestApp, token: string): Promise<string> => server.outcome(MeDocument, {}, token);

  private async useSessions({ username }: TestUser): Promise<void> {
    for (let round = 0; !this.stopping; round++) {
      let token = '';
      const login = await this.persist(async (server) => {
        const { body } = await server.gql(LoginDocument, { input: { username, password: PASSWORD } });
        token = body.data?.login?.tokens.accessToken ?? '';
        return token ? 'ok' : String(body.errors?.[0]?.extensions?.code);
      }, round);
      this.expect('a login', login, 'ok');
      const confirmed = { at: performance.now(), value: token };
      for (const [turn] of this.servers.entries())
        this.expect('a live token', await this.persist((server) => this.check(server, token), turn), 'ok');
      if (round % 3 === 0) this.live.push(confirmed);
      else await this.logOut(token, round);
    }
  }

  private async logOut(token: string, turn: number): Promise<void> {
    const input = { token };
    this.expect('a logout', await this.persist((server) => server.outcome(LogoutDocument, { input }), turn), 'ok');
    this.revoked.push({ at: performance.now(), value: token });
    for (const server of this.servers)
      await eventually('a logout to reach every server', async () => (await this.check(server, token)) !== 'ok');
    for (const server of this.servers) {
      const outcome = await this.check(server, token);
      this.answers++;
      if (outcome !== AWAY) this.expect('a revoked token', outcome, 'UNAUTHENTICATED');
    }
  }

  private async addUsers(): Promise<void> {
    for (let number = 0; !this.stopping; number++) {
      const username = `added${number}`;
      const input = { username, password: PASSWORD };
      const outcome = await this.persist((server) => server.outcome(CreateUserDocument, { input }, this.admin), number);
      // taken: a request that was answered with 503 may have been carried out
      if (outcome !== 'USERNAME_TAKEN') this.expect('a new user', outcome, 'ok');
      this.users.push({ at: performance.now(), value: username });
    }
  }
}
