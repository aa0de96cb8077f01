import fc from 'fast-check';
import { traffic } from '../../properties/model/commands';
import { Driver } from '../../properties/model/driver';
import { type AccessToken, TokenModel, type Verdict } from '../../properties/model/token-model';
import { LoginCommand } from '../../properties/model/uses';
import { type LoadClient, LostAnswerError } from './load-client';

/** Until so long after a change another process may decide as before: the bound of a revocation. */
const PROPAGATION_MS = 1000;
/** Between the clock of the drill and those of the servers, with the time that a request takes. */
const UNSURE_MS = 5000;
const MAX_SESSIONS = 40;

/** What a check of a token may answer, and what has to be over before that is known. */
interface Observation {
  token: AccessToken;
  possible: Set<Verdict>;
  /** The change that was under way while the check was. */
  change: object | null;
  answer: { verdict: Verdict; how: string } | null;
}

/** Sends what the commands of the model ask for by clients that repeat what was not decided. */
class LoadDriver extends Driver {
  constructor(
    private readonly clients: readonly LoadClient[],
    override team: string,
  ) {
    super();
  }

  override at(index: number): LoadClient {
    return this.clients[index % this.clients.length]!;
  }

  override async post(index: number, path: string, body: object) {
    return (await this.at(index).postJson(path, body)) as { status: number; body: Record<string, never> };
  }

  /** At once only where the change was made: not when it was sent to another server in the end. */
  override checkAtOnce(index: number, token: AccessToken, model: TokenModel): Promise<void> {
    return this.hasSwitched ? this.check(index, token, model) : super.checkAtOnce(index, token, model);
  }

  private before = 0;
  begin(): void {
    this.before = this.switches;
  }

  private get hasSwitched(): boolean {
    return this.switches > this.before;
  }

  private get switches(): number {
    return this.clients.reduce((sum, client) => sum + client.switches, 0);
  }
}

/**
 * Two users with a model of their tokens. Their changes follow each other; checks come at any time, and are judged by
 * all that was true, or may have been, while they were under way.
 */
export class Group {
  readonly model = new TokenModel(() => Date.now(), UNSURE_MS);
  private readonly driver: LoadDriver;
  private readonly observations = new Set<Observation>();
  /** Verdicts before the last changes, which other processes may give until then. */
  private former: { until: number; verdicts: Map<AccessToken, Verdict> }[] = [];
  private change: object | null = null;
  /** Commands that were carried out. */
  changes = 0;
  /** The answer to a change was lost: nothing can be said of these users any more. */
  isLost = false;

  constructor(
    private readonly clients: readonly LoadClient[],
    team: string,
    private readonly wrong: string[],
  ) {
    this.driver = new LoadDriver(clients, team);
  }

  async setUp(name: string): Promise<void> {
    for (const number of [1, 2]) {
      await this.driver.addUser(this.model, `${name}-${number}`);
      await new LoginCommand(0, number - 1, 'graphql').run(this.model, this.driver);
    }
  }

  get isBusy(): boolean {
    return this.change !== null;
  }

  /** Whether a new group should follow. */
  get isSpent(): boolean {
    return this.isLost || this.model.sessions.length > MAX_SESSIONS || this.model.users.some(({ exists }) => !exists);
  }

  /** Does something that clients and administrators do. */
  async runCommand(): Promise<void> {
    const command = fc.sample(fc.oneof(...traffic), 1)[0]!;
    if (!command.check(this.model)) return;
    const change = {};
    this.change = change;
    for (const observation of this.observations) observation.change = change;
    const verdicts = new Map(this.model.accessTokens.map((token) => [token, this.model.verdict(token)]));
    this.former = [...this.former.filter(({ until }) => until > performance.now()), { until: Infinity, verdicts }];
    this.driver.begin();
    try {
      await command.run(this.model, this.driver);
      this.changes++;
    } catch (error) {
      if (error instanceof LostAnswerError) this.isLost = true;
      else this.wrong.push(`${command}: ${(error as Error).message}`);
    }
    this.change = null;
    this.former.at(-1)!.until = performance.now() + PROPAGATION_MS;
    for (const observation of this.observations) {
      if (observation.change !== change) continue;
      observation.possible.add(this.model.verdict(observation.token));
      observation.change = null;
      this.judge(observation);
    }
  }

  /** Shows any token to any server. */
  async runCheck(random: number): Promise<void> {
    const tokens = this.model.accessTokens;
    const token = tokens[Math.floor(random * tokens.length)];
    if (!token) return;
    const observation: Observation = {
      token,
      possible: new Set([this.model.verdict(token)]),
      change: this.change,
      answer: null,
    };
    for (const { until, verdicts } of this.former)
      if (until > performance.now() && verdicts.has(token)) observation.possible.add(verdicts.get(token)!);
    this.observations.add(observation);
    observation.answer = await this.ask(token, Math.floor(random * 1e6));
    if (!observation.answer) this.observations.delete(observation);
    observation.possible.add(this.model.verdict(token));
    this.judge(observation);
  }

  /** What everything that was issued to these users comes to in the end, on each server. */
  async finalCheck(): Promise<void> {
    if (this.isLost) return;
    for (const [index] of this.clients.entries())
      for (const token of this.model.accessTokens)
        await this.driver
          .check(index, token, this.model)
          .catch((error: Error) => this.wrong.push(`at the end: ${error.message}`));
    for (const user of this.model.users) {
      if (!user.exists) continue;
      const input = { username: user.username, password: user.password };
      const outcome = await this.clients[0]!.outcome('mutation($i: LoginInput!) { login(input: $i) { user { id } } }', {
        i: input,
      });
      const due = user.active ? 'ok' : 'ACCOUNT_DISABLED';
      if (outcome !== due) this.wrong.push(`at the end: a login gets ${outcome} where ${due} is due`);
    }
  }

  private judge(observation: Observation): void {
    const { answer, change, possible, token } = observation;
    if (change !== null || !answer) return;
    this.observations.delete(observation);
    if (this.isLost || possible.has(answer.verdict)) return;
    this.wrong.push(
      `${answer.how}: a ${token.kind} token gets ${answer.verdict}, due is ${[...possible].join(' or ')}`,
    );
  }

  private async ask({ token }: AccessToken, random: number): Promise<Observation['answer']> {
    const client = this.clients[random % this.clients.length]!;
    const headers = { authorization: `Bearer ${token}` };
    const kinds = {
      graphql: async () => {
        const reply = await client.attempt('/graphql', { body: { query: '{ permissions { name } }' }, headers });
        const body = reply?.body as { errors?: { extensions: { code: string } }[] } | undefined;
        return body && (body.errors?.[0]?.extensions.code ?? 'ok');
      },
      rest: async () => {
        const reply = await client.attempt('/identity/permissions', { headers });
        return reply && { 200: 'ok', 401: 'UNAUTHENTICATED', 403: 'FORBIDDEN' }[reply.status];
      },
    };
    const how = Object.keys(kinds)[random % 2] as keyof typeof kinds;
    const verdict = await kinds[how]();
    return verdict ? { verdict: verdict as Verdict, how } : null;
  }
}
