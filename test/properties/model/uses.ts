import type fc from 'fast-check';
import { decodeJwt } from 'jose';
import { LoginDocument, RefreshDocument } from '../../../src/rest/generated/operations';
import type { Tokens } from '../../support/app';
import type { Driver } from './driver';
import { type Ending, plan } from './endings';
import type { Servers } from './servers';
import type { ChannelName, ModelUser, RefreshToken, TokenModel } from './token-model';

type Command = fc.AsyncCommand<TokenModel, Driver>;

const sidOf = (token: string): string => decodeJwt(token).sid as string;

export class LoginCommand implements Command {
  constructor(
    private readonly server: number,
    private readonly which: number,
    private readonly channel: ChannelName,
  ) {}

  check = () => true;

  async run(model: TokenModel, servers: Driver): Promise<void> {
    const user = model.users[this.which % model.users.length]!;
    const may = user.exists && user.active;
    const issued = await this[this.channel](user, servers);
    if ((issued !== null) !== may) throw new Error(`a login ${may ? 'is refused' : 'succeeds'}`);
    if (issued === null) return;
    model.addSession(user, this.channel, issued);
    await servers.check(this.server + 1, model.accessTokens.at(-1)!, model);
  }

  private async graphql(user: ModelUser, servers: Driver) {
    const { body } = await servers
      .at(this.server)
      .gql(LoginDocument, { input: { username: user.username, password: user.password } });
    const tokens = body.data?.login?.tokens as Tokens | undefined;
    return tokens ? { id: tokens.sessionId, access: tokens.accessToken, refresh: tokens.refreshToken } : null;
  }

  private async session(user: ModelUser, servers: Driver) {
    const { status, body } = await servers.post(this.server, '/api/auth/login', {
      email: user.email,
      password: user.password,
    });
    if (status !== 200) return null;
    const { accessToken, refreshToken } = body as unknown as { accessToken: string; refreshToken: string };
    return { id: sidOf(accessToken), access: accessToken, refresh: refreshToken };
  }

  private async identity(user: ModelUser, servers: Driver) {
    const { username, password } = user;
    const { status, body } = await servers.post(this.server, '/identity/auth/token', { username, password });
    if (status !== 200) return null;
    const { token } = (body as unknown as { result: { token: string } }).result;
    return { id: sidOf(token), access: token, refresh: null };
  }

  toString = () => `login(user ${this.which}, ${this.channel}, at ${this.server})`;
}

/** A refresh token is used, whatever has become of it, by some at once. */
export class RefreshCommand implements Command {
  constructor(
    private readonly server: number,
    private readonly which: number,
    private readonly channel: ChannelName,
    private readonly times: number,
  ) {}

  check = (model: TokenModel) => model.refreshTokens.length > 0;

  async run(model: TokenModel, servers: Driver): Promise<void> {
    const token = this.choose(model.refreshTokens);
    if (model.isForgotten(token) || model.isUnsure(token.used?.at)) return;
    const expected = model.refreshes(token, this.channel);
    const answers = await Promise.all(
      Array.from({ length: this.times }, (_, i) => refreshAt(servers, this.server + i, this.channel, token)),
    );
    accept(model, token, answers, expected);
    if (expected === 'ends') token.session.ended = true;
    else if (expected !== 'refused') await servers.check(this.server + 1, model.accessTokens.at(-1)!, model);
  }

  /** The newest, the one that was used last, or any: most others are dead soon. */
  private choose(all: readonly RefreshToken[]): RefreshToken {
    const any = all[this.which % all.length]!;
    if (this.which % 3 === 0) return any;
    if (this.which % 3 === 1) return all.at(-1)!;
    return all.reduce((latest, token) => ((token.used?.at ?? 0) >= (latest.used?.at ?? 0) ? token : latest));
  }

  toString = () => `refresh(${this.which}, ${this.channel}, ${this.times} times, at ${this.server})`;
}

/** A live refresh token is used, and after some time again at the other server. */
export class ReplayCommand implements fc.AsyncCommand<TokenModel, Servers> {
  constructor(
    private readonly server: number,
    private readonly seconds: number,
  ) {}

  check = (model: TokenModel) => model.refreshTokens.some((token) => model.refreshes(token, 'graphql') === 'new');

  async run(model: TokenModel, servers: Servers): Promise<void> {
    const token = [...model.refreshTokens].reverse().find((each) => model.refreshes(each, 'graphql') === 'new')!;
    accept(model, token, [await refreshAt(servers, this.server, 'graphql', token)], 'new');
    servers.clock.advance(this.seconds);
    const expected = model.refreshes(token, 'graphql');
    accept(model, token, [await refreshAt(servers, this.server + 1, 'graphql', token)], expected);
    if (expected === 'ends') token.session.ended = true;
    await servers.check(this.server, model.accessTokens.at(-1)!, model);
  }

  toString = () => `replay(after ${this.seconds} s, at ${this.server})`;
}

type Refreshed = { access: string; refresh: string | null } | null;

async function refreshAt(
  servers: Driver,
  server: number,
  channel: ChannelName,
  { token }: RefreshToken,
): Promise<Refreshed> {
  if (channel === 'session') {
    const { status, body } = await servers.post(server, '/api/auth/refresh', { refreshToken: token });
    return status === 200 ? { access: (body as unknown as { accessToken: string }).accessToken, refresh: null } : null;
  }
  const { body } = await servers.at(server).gql(RefreshDocument, { input: { refreshToken: token } });
  const tokens = body.data?.refresh?.tokens;
  if (!tokens && body.errors?.[0]?.extensions?.code !== 'INVALID_REFRESH_TOKEN') throw new Error(JSON.stringify(body));
  return tokens ? { access: tokens.accessToken, refresh: tokens.refreshToken! } : null;
}

/**
 * Writes what the servers have answered into the model. @throws Error when it is not what was due
 */
function accept(
  model: TokenModel,
  token: RefreshToken,
  answers: Refreshed[],
  expected: ReturnType<TokenModel['refreshes']>,
): void {
  const succeeds = expected === 'new' || expected === 'same' || expected === 'keeps';
  for (const answer of answers)
    if ((answer !== null) !== succeeds)
      throw new Error(`a refresh ${answer ? 'succeeds' : 'is refused'}: ${expected} is due`);
  if (expected === 'keeps') model.keep(token);
  for (const answer of answers) {
    if (!answer) continue;
    if (answer.refresh !== null) {
      if (token.used === null) model.rotate(token, answer.refresh);
      if (token.used?.successor.token !== answer.refresh) throw new Error('a second successor');
    }
    model.addAccess(token.session, answer.access);
  }
}

/** A compat token is exchanged, by some at once: one of them wins, and the old one is dead. */
export class IdentityRefreshCommand implements Command {
  constructor(
    private readonly server: number,
    private readonly which: number,
    private readonly times: number,
  ) {}

  check = (model: TokenModel) => model.accessTokens.some(({ kind }) => kind === 'compat');

  async run(model: TokenModel, servers: Driver): Promise<void> {
    const tokens = model.accessTokens.filter(({ kind }) => kind === 'compat');
    const token = tokens[this.which % tokens.length]!;
    if (model.isUnsure(token.replacedAt)) return;
    const expected = model.replaces(token);
    const answers = await Promise.all(
      Array.from({ length: this.times }, (_, i) =>
        servers.post(this.server + i, '/identity/auth/refresh', { token: token.token }),
      ),
    );
    const won = answers
      .filter(({ status }) => status === 200)
      .map(({ body }) => (body as unknown as { result: { token: string } }).result.token);
    if (won.length !== (expected === 'new' ? 1 : 0))
      throw new Error(`${won.length} refreshes of a compat token succeed where it has to come to: ${expected}`);
    if (expected === 'ends') token.session.ended = true;
    if (expected !== 'new') return;
    model.replace(token, won[0]!);
    await servers.check(this.server + 1, model.accessTokens.at(-1)!, model);
  }

  toString = () => `refresh identity(${this.which}, ${this.times} times, at ${this.server})`;
}

/**
 * Refreshes of one token and an ending of its session or account at the same time, on both servers:
 * nothing of it lives afterwards.
 */
export class TogetherCommand implements Command {
  constructor(
    private readonly server: number,
    private readonly which: number,
    private readonly ending: Ending,
  ) {}

  check = (model: TokenModel) => model.refreshTokens.length > 0;

  async run(model: TokenModel, servers: Driver): Promise<void> {
    const planned = plan(this.ending, this.which, this.server, model, servers);
    if (!planned) return;
    const token = [...model.refreshTokens]
      .reverse()
      .find((each) => each.session.user === planned.user && model.lives(each.session));
    if (!token || model.refreshes(token, 'graphql') !== 'new') return;
    const [first, second] = await Promise.all([
      refreshAt(servers, this.server, 'graphql', token),
      refreshAt(servers, this.server + 1, 'graphql', token),
      planned.servers(),
    ]);
    // whichever came first: the successor is one, and dead with its session where that has ended
    const issued = [first, second].filter((answer) => answer !== null);
    accept(model, token, issued, 'new');
    planned.model();
    if (issued.length === 0 && !token.session.ended && planned.user.exists)
      throw new Error('a refresh is refused although its session lives');
  }

  toString = () => `together(${this.ending}, ${this.which}, at ${this.server})`;
}

/** A token is shown to a server. */
export class CheckCommand implements Command {
  constructor(
    private readonly server: number,
    private readonly which: number,
  ) {}

  check = (model: TokenModel) => model.accessTokens.length > 0;

  run = (model: TokenModel, servers: Driver): Promise<void> =>
    servers.check(this.server, model.accessTokens[this.which % model.accessTokens.length]!, model);

  toString = () => `check(${this.which}, at ${this.server})`;
}
