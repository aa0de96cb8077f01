import type fc from 'fast-check';
import type { Driver } from './driver';
import type { Servers } from './servers';
import type { TokenModel } from './token-model';

type Command = fc.AsyncCommand<TokenModel, Servers>;

export class AdvanceCommand implements Command {
  constructor(private readonly seconds: number) {}

  check = () => true;

  async run(_model: TokenModel, servers: Servers): Promise<void> {
    servers.clock.advance(this.seconds);
  }

  toString = () => `advance(${this.seconds} s)`;
}

/**
 * To one of the next moments at which something ends, or to the millisecond before or after it;
 * then everything is shown.
 */
export class LimitCommand implements Command {
  constructor(
    private readonly server: number,
    private readonly which: number,
    private readonly off: number,
  ) {}

  check = (model: TokenModel) => model.accessTokens.length > 0;

  async run(model: TokenModel, servers: Servers): Promise<void> {
    const limits = model.limits();
    const limit = limits[this.which % Math.min(5, limits.length)];
    if (limit !== undefined) servers.clock.advance((limit + this.off - model.now) / 1000);
    for (const token of model.accessTokens) await servers.check(this.server, token, model);
  }

  toString = () => `limit(${this.which}, ${this.off} ms, at ${this.server})`;
}

/** The store is lost, or what tells a server of changes is. */
export class StoreCommand implements Command {
  constructor(private readonly what: 'flush' | 'stop' | 'start' | 'cut-feeds') {}

  check = () => true;

  async run(_model: TokenModel, servers: Servers): Promise<void> {
    await (this.what === 'cut-feeds' ? servers.cutFeeds() : servers.store(this.what));
  }

  toString = () => `store(${this.what})`;
}

/** A role is given or taken. */
export class TeamCommand implements fc.AsyncCommand<TokenModel, Driver> {
  constructor(
    private readonly server: number,
    private readonly which: number,
    private readonly holds: boolean,
  ) {}

  check = (model: TokenModel) => model.users.some((user) => user.exists);

  async run(model: TokenModel, servers: Driver): Promise<void> {
    const users = model.users.filter((user) => user.exists);
    const user = users[this.which % users.length]!;
    await servers.setTeam(this.server, user, this.holds);
    user.team = this.holds;
  }

  toString = () => `team(${this.holds}, user ${this.which}, at ${this.server})`;
}
