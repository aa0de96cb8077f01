const limiter = { file: 'src/security/rate-limits/login-limiter.ts', tests: ['graphql/login-limits.test.ts'] };
const unit = { ...limiter, tests: ['unit/login-limiter.test.ts'] };
const windows = { file: 'src/security/rate-limits/memory-windows.ts', tests: ['unit/rate-limits.test.ts'] };
const queryLimits = { file: 'src/graphql/server/query-limits.ts', tests: ['unit/query-limits.test.ts'] };

/** How often, and how much at once. */
export const limits = [
  {
    ...limiter,
    title: 'A client fails at any number of accounts.',
    find: 'if (!isKnown) await consume(this.client, keys.client);',
    replace: '',
    only: 'one address gets a hundred guesses',
  },
  {
    ...limiter,
    title: 'Failures of a client at one account are not limited.',
    find: 'await consume(this.pair, keys.pair);\n    if (!isKnown)',
    replace: 'if (!isKnown)',
    only: 'the sixth failure within a minute',
  },
  {
    ...limiter,
    title: 'Clients that are new to an account are not slowed down.',
    find: 'return consume(this.slowed, keys.pair);',
    replace: 'return undefined;',
    only: 'leave each client that is new to the account one attempt a minute',
  },
  {
    ...limiter,
    title: 'Strangers hold up a client that the account knows.',
    find: '    if (!isKnown) {\n      await consume(this.strangers',
    replace: '    if (keys.target) {\n      await consume(this.strangers',
    only: 'never refuse the right password from a network that the account has used',
  },
  {
    ...limiter,
    title: 'A success forgives no failures.',
    find: 'this.pair.clear(pair), this.slowed',
    replace: 'this.slowed',
    only: 'a success forgives the failures before it',
  },
  {
    ...unit,
    title: 'A success does not forgive the failures of strangers.',
    find: ', this.strangers.clear(target)]',
    replace: ']',
  },
  {
    ...unit,
    title: 'A login that could not be decided counts as failed.',
    find: 'if (!(error instanceof AppError)) await Promise.all(counted.map((giveBack) => giveBack()));',
    replace: '',
  },
  {
    ...unit,
    title: 'A typed name is the key of a user.',
    find: "keyOf('user', target.userId)",
    replace: "keyOf('name', target.userId)",
  },
  {
    ...limiter,
    title: 'Session REST counts failures alone.',
    find: 'if (everyRequestOf !== undefined) await this.request.consume(keyOf(everyRequestOf, keys.client));',
    replace: '',
    tests: ['contracts/session/limits.test.ts'],
    only: 'the sixth login of a minute',
  },
  {
    file: 'src/security/rate-limits/rate-limit.ts',
    title: 'Each address of a /64 of IPv6 counts for itself.',
    find: 'groups.slice(0, 4)',
    replace: 'groups.slice(0, 8)',
    tests: ['graphql/login-limits.test.ts'],
    only: 'a /64 of IPv6 counts as one address',
  },
  {
    file: 'src/security/rate-limits/rate-limit.ts',
    title: 'Without Redis nothing is limited.',
    find: 'refusal.msBeforeNext : this.local.consume(key)',
    replace: 'refusal.msBeforeNext : null',
    tests: ['graphql/shared-login-limits.test.ts'],
    only: 'the process counts on its own',
  },
  {
    ...windows,
    title: 'A window has one point more.',
    find: 'window.points >= this.rate.amount',
    replace: 'window.points > this.rate.amount',
  },
  {
    ...windows,
    title: 'Counters at zero stay in memory.',
    find: 'if (window && --window.points <= 0) this.windows.delete(key);',
    replace: 'if (window) window.points--;',
  },
  {
    ...windows,
    title: 'Counters in memory have no bound.',
    find: '{ maxSize: maxKeys,',
    replace: '{ maxSize: maxKeys * 1000,',
  },
  {
    file: 'src/security/rate-limits/keyed-semaphore.ts',
    title: 'One login more than configured may wait for others.',
    find: 'if (this.waiting >= this.maxWaiting)',
    replace: 'if (this.waiting > this.maxWaiting)',
    tests: ['unit/rate-limits.test.ts'],
  },
  {
    file: 'src/services/users/create-user.ts',
    title: 'Registrations of one client network are not limited.',
    find: 'if (!isByAdministrator) await deps.registrations.consume(network(caller.address));',
    replace: '',
    tests: ['graphql/registrations.test.ts'],
    only: 'registrations of one client network are limited',
  },
  {
    file: 'src/graphql/server/cost-budget.ts',
    title: 'A client without a token lets documents cost what it likes.',
    find: 'return isExhausted ?',
    replace: 'return isExhausted && principal ?',
    tests: ['graphql/hostile-requests.test.ts'],
    only: 'are limited by what their documents cost',
  },
  {
    ...queryLimits,
    title: 'An operation may have a level more.',
    find: 'levels > queryLimits.depth',
    replace: 'levels > queryLimits.depth + 1',
  },
  {
    ...queryLimits,
    title: 'Fragments are not counted where they are spread.',
    find: '    this.visit(fragment.selectionSet, depth);\n    this.path.pop();',
    replace: '    this.path.pop();',
  },
];
