const cache = { file: 'src/database/change-aware-cache.ts', tests: ['unit/change-aware-cache.test.ts'] };
const feed = { file: 'src/database/change-feed.ts', tests: ['resilience/change-feed.test.ts'] };
const triggers = { file: 'migrations/0002-announce-changes.ts', tests: ['resilience/announced-changes.test.ts'] };

/** What is in memory, and how it learns that it is not true any more. */
export const changeFeed = [
  {
    ...cache,
    title: 'Memory is used while the feed is not trusted.',
    find: 'const value = this.feed.trusted ? this.values.get(key) : undefined;',
    replace: 'const value = this.values.get(key);',
  },
  {
    ...cache,
    title: 'What was loaded while the feed was not trusted is kept.',
    find: 'if (this.feed.trusted && !named.has(account)',
    replace: 'if (!named.has(account)',
  },
  {
    ...cache,
    title: 'An answer on its way when its account is named is kept.',
    find: '!named.has(account) && ',
    replace: '',
  },
  {
    ...cache,
    title: 'An answer on its way when all accounts are named is kept.',
    find: ' && !named.has(ALL)',
    replace: '',
  },
  {
    ...cache,
    title: 'A refusal is kept.',
    find: 'if (this.flights.get(key)?.named === named) this.flights.delete(key);',
    replace: '',
  },
  {
    ...cache,
    title: 'A call shares a load that began before its account was named.',
    find: 'flight && flight.named.size === 0 &&',
    replace: 'flight &&',
  },
  {
    ...cache,
    title: 'Calls share a load while the feed is not trusted.',
    find: 'flight.named.size === 0 && this.feed.trusted)',
    replace: 'flight.named.size === 0)',
  },
  {
    ...cache,
    title: 'What concerns every account drops nothing.',
    find: '      this.values.clear();\n',
    replace: '',
  },
  {
    file: 'src/services/users/current-user-cache.ts',
    title: '`me` is answered from memory while the feed is not trusted.',
    find: 'new ChangeAwareCache(feed, {',
    replace: 'new ChangeAwareCache({ trusted: true, onChange: (listener) => feed.onChange(listener) }, {',
    tests: ['unit/current-user-cache.test.ts'],
  },
  {
    ...feed,
    title: 'The feed is trusted for as long as it is connected.',
    find: 'return performance.now() - this.confirmedAt < TRUST_MS;',
    replace: 'return this.confirmedAt > 0;',
  },
  {
    ...feed,
    title: 'What was announced while the feed was away is never seen.',
    find: "this.notify('*'); // announcements before this moment were missed",
    replace: '',
  },
  {
    file: 'src/graphql/server/await-propagation.ts',
    title: 'The next request of a client does not meet what its last one has changed.',
    find: 'await changesReceived();',
    replace: 'void changesReceived();',
    tests: ['unit/await-propagation.test.ts'],
  },
  {
    ...triggers,
    title: 'An account that SQL disables is not announced.',
    find: 'dob, is_active, is_verified,',
    replace: 'dob, is_verified,',
  },
  {
    ...triggers,
    title: 'A permission that SQL deletes or renames is not announced.',
    find: "['roles', 'permissions', 'role_permissions']",
    replace: "['roles', 'role_permissions']",
  },
  {
    ...triggers,
    title: 'A permission that SQL takes out of a role is not announced.',
    find: "['roles', 'permissions', 'role_permissions']",
    replace: "['roles', 'permissions']",
  },
  {
    ...triggers,
    title: 'A session whose absolute limit SQL shortens is not announced.',
    find: 'new.idle_until < old.idle_until or new.expires_at < old.expires_at',
    replace: 'new.idle_until < old.idle_until',
  },
  {
    ...triggers,
    title: 'A session whose idle limit SQL shortens is not announced.',
    find: 'new.idle_until < old.idle_until or new.expires_at < old.expires_at',
    replace: 'new.expires_at < old.expires_at',
  },
  {
    ...triggers,
    title: 'A session that SQL deletes is not announced.',
    find: 'old.revoked_at is null and least(old.idle_until, old.expires_at) > now()',
    replace: 'old.revoked_at is not null',
  },
  {
    ...triggers,
    title: 'A role that SQL moves to another account is not announced to the former holder.',
    find: 'user_roles_moved after update on user_roles referencing old table as changed',
    replace: 'user_roles_moved after update on user_roles referencing new table as changed',
  },
  {
    ...triggers,
    file: 'migrations/0014-announce-moved-roles.ts',
    title: 'A role that SQL moves to another account is not announced to the new holder.',
    find: 'referencing new table as changed',
    replace: 'referencing old table as changed',
  },
  {
    ...triggers,
    title: 'Of more than a hundred holders of a role only a hundred are announced.',
    find: 'if cardinality(ids) > 100 then',
    replace: 'if cardinality(ids) > 101 then',
  },
  {
    ...triggers,
    title: 'A table that SQL empties is not announced.',
    find: "for (const table of ['users', 'user_roles', 'sessions'])",
    replace: "for (const table of ['users', 'sessions'])",
  },
];
