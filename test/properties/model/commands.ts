import fc from 'fast-check';
import type { Driver } from './driver';
import { EndingCommand, endings } from './endings';
import type { Servers } from './servers';
import { AdvanceCommand, LimitCommand, StoreCommand, TeamCommand } from './surroundings';
import type { TokenModel } from './token-model';
import {
  CheckCommand,
  IdentityRefreshCommand,
  LoginCommand,
  RefreshCommand,
  ReplayCommand,
  TogetherCommand,
} from './uses';

const which = fc.nat({ max: 1000 });
const server = fc.nat({ max: 1 });

const jump = fc.constantFrom(1, 9, 11, 450, 3000, 36_000, 302_400, 604_801, 1_900_000, 2_600_000);

const login = fc.tuple(server, which, fc.constantFrom('graphql' as const, 'session' as const, 'identity' as const));
const refresh = fc.tuple(
  server,
  which,
  fc.constantFrom('graphql' as const, 'graphql' as const, 'session' as const),
  fc.integer({ min: 1, max: 3 }),
);

/** What clients and administrators do, as often as it says something. */
export const traffic = [
  ...Array(2).fill(login.map((of) => new LoginCommand(...of))),
  ...Array(5).fill(refresh.map((of) => new RefreshCommand(...of))),
  fc.tuple(server, which, fc.integer({ min: 1, max: 3 })).map((of) => new IdentityRefreshCommand(...of)),
  ...Array(4).fill(fc.tuple(server, which).map((of) => new CheckCommand(...of))),
  ...Array(4).fill(fc.tuple(server, which, fc.constantFrom(...endings)).map((of) => new EndingCommand(...of))),
  fc.tuple(server, which, fc.constantFrom(...endings)).map((of) => new TogetherCommand(...of)),
  fc.tuple(server, which, fc.boolean()).map((of) => new TeamCommand(...of)),
] as fc.Arbitrary<fc.AsyncCommand<TokenModel, Driver>>[];

/** The traffic, and what happens around it: time passes, and the store is lost. */
export const commandArbitraries = [
  ...traffic,
  jump.map((seconds) => new AdvanceCommand(seconds)),
  ...Array(3).fill(fc.tuple(server, which, fc.constantFrom(-1, 0, 1)).map((of) => new LimitCommand(...of))),
  ...Array(2).fill(
    fc.tuple(server, fc.constantFrom(0, 5, 9.999, 10, 10.001, 15, 600)).map((of) => new ReplayCommand(...of)),
  ),
  fc.constantFrom('flush', 'stop', 'start', 'cut-feeds').map((what) => new StoreCommand(what as 'flush')),
] as fc.Arbitrary<fc.AsyncCommand<TokenModel, Servers>>[];
