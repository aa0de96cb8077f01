const service = { file: 'src/services/kong/kong.service.ts', tests: ['kong/kong-token.test.ts'] };
const queries = { file: 'src/queries/kong-credentials.ts', tests: ['kong/kong-token.test.ts'] };
const trust = { file: 'src/http/kong-trust.ts', tests: ['kong/kong-trust.test.ts'] };
const consumers = { file: 'src/services/kong/kong-consumers.ts', tests: ['kong/consumers.test.ts'] };

/** Consumers, credentials and tokens for Kong, and whose headers count. */
export const kong = [
  {
    ...queries,
    title: 'A key counts after its time.',
    find: 'c.revoked_at is null and c.expires_at > ${now} and u.is_active',
    replace: 'c.revoked_at is null and ${now}::timestamptz is not null and u.is_active',
    only: 'refuses a key whose time is over',
  },
  {
    ...queries,
    title: 'A key counts before Kong has confirmed it.',
    find: 'where c.key = ${key} and c.kong_id is not null and c.revoked_at',
    replace: 'where c.key = ${key} and c.revoked_at',
    only: 'refuses the key of a sign-in that Kong has not confirmed',
  },
  {
    ...queries,
    title: 'A revoked key counts.',
    find: 'and c.kong_id is not null and c.revoked_at is null and c.expires_at > ${now} and u.is_active',
    replace: 'and c.kong_id is not null and c.expires_at > ${now} and u.is_active',
    only: 'refuses a key that was revoked',
  },
  {
    ...queries,
    title: 'A sign-in keeps its key although the password was changed meanwhile.',
    find: 'and is_active and token_version = ${at.tokenVersion} returning id',
    replace: 'and is_active and ${at.tokenVersion}::int is not null returning id',
    tests: ['kong/sign-in-races.test.ts'],
  },
  {
    ...queries,
    title: 'A user may have any number of keys.',
    find: 'order by created_at desc, key limit ${max}',
    replace: 'order by created_at desc, key limit ${max}::int + 1',
    tests: ['kong/sign-in-races.test.ts', 'kong/credential-ends.test.ts'],
  },
  {
    ...service,
    title: 'A token of Kong outlives its key.',
    find: 'Math.min(tokenTtl, Math.floor(owner.expiresAt.getTime() / 1000) - now)',
    replace: 'tokenTtl',
    tests: ['kong/credential-ends.test.ts'],
    only: 'with their time',
  },
  {
    ...service,
    title: 'A token is issued although the key was ended while Kong answered.',
    find: "if (!(await credentials.findValid(key))) throw new AppError('UNKNOWN_GATEWAY_KEY');",
    replace: '',
    only: 'does not outrun a logout',
  },
  {
    ...service,
    title: 'Tokens for one key are not limited.',
    find: 'await this.perKey.consume(key);',
    replace: '',
    only: 'gives thirty tokens a minute for one key',
  },
  {
    ...service,
    title: 'A client guesses keys without end.',
    find: 'await this.perClient.consume(network(caller.address));',
    replace: '',
    only: 'lets one client guess 120 times a minute',
  },
  {
    ...service,
    title: 'A forged token of Kong logs its user out.',
    find: 'return isVerified && credentials.revoke(key, caller);',
    replace: 'return credentials.revoke(key, caller);',
    tests: ['kong/kong-logout.test.ts'],
    only: 'changes nothing without the right signature',
  },
  {
    ...service,
    title: 'Logouts with tokens of Kong are not limited.',
    find: 'await this.logoutsPerClient.consume(network(caller.address));',
    replace: '',
    tests: ['kong/kong-logout.test.ts'],
    only: 'is limited for each client',
  },
  {
    ...trust,
    title: 'The headers of Kong count with any secret of the right length.',
    find: 'secret.length === given.length && timingSafeEqual(secret, given)',
    replace: 'secret.length === given.length',
  },
  {
    ...trust,
    title: 'The headers of Kong count from any address.',
    find: "return family !== 0 && this.addresses.check(address, family === 6 ? 'ipv6' : 'ipv4');",
    replace: 'return family !== 0;',
  },
  {
    ...trust,
    title: 'The anonymous consumer counts as a user.',
    find: "if (request.headers['x-anonymous-consumer'] !== undefined) return null;",
    replace: '',
    tests: ['kong/kong-trust.test.ts', 'kong/kong-jwt-plugin.test.ts'],
  },
  {
    ...consumers,
    title: 'A user who has chosen the name of a consumer gets it.',
    find: "if (!(await this.isLeftOver(consumer))) throw new AppError('GATEWAY_NAME_TAKEN', { member: 'user name' });",
    replace: '',
    only: "another user's consumer is not given",
  },
  {
    ...consumers,
    title: 'The strict profile adopts older consumers.',
    find: "if (!this.dependencies.adopts) throw new AppError('GATEWAY_NAME_TAKEN', { member: 'user name' });",
    replace: '',
    only: 'but not in the strict profile',
  },
  {
    file: 'src/services/auth/account-revocation.ts',
    title: 'A disabled user keeps the keys in Kong.',
    find: 'await revokeKongCredentials.rows(em, { ids: uuidArray([userId]), now });',
    replace: '',
    tests: ['kong/credential-ends.test.ts'],
    only: 'credentials end with a change of the password',
  },
];
