import type { ChangeFeed, ChangeListener } from '../../src/database/change-feed';
import type { UserRow } from '../../src/queries/users';
import { CurrentUserCache } from '../../src/services/users/current-user-cache';
import type { UserQueries } from '../../src/services/users/user-queries';

const row = { id: 'u', username: 'first', role_ids: null };
const listeners: ChangeListener[] = [];
const feed = { trusted: true, onChange: (listener: ChangeListener) => listeners.push(listener) };
const roles = new Map();
const queries = {
  getRow: async () => ({ ...row }) as unknown as UserRow,
  allRoles: async () => roles,
};
const users = new CurrentUserCache(queries as unknown as UserQueries, feed as unknown as ChangeFeed);
const name = async () => (await users.get('u')).username;

test('the own account is read from memory only while the change feed is trusted', async () => {
  expect(await name()).toBe('first');
  row.username = 'second';
  expect(await name()).toBe('first');
  feed.trusted = false;
  expect(await name()).toBe('second');
});

test('a change that the feed names is read at the next request', async () => {
  feed.trusted = true;
  await name();
  row.username = 'third';
  for (const listener of listeners) listener('u');
  expect(await name()).toBe('third');
});
