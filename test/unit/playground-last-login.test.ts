import { LastLogin } from '../../web/playground/last-login';

const clock = { now: () => new Date('2030-01-01T12:00:00Z') };
const tokens = { accessToken: 'a.1', refreshToken: 'r.1', expiresIn: 900, tokenType: 'Bearer', scope: '' };
const login = { data: { login: { tokens, user: { id: '1', username: 'admin' } } } };
const headers = { Authorization: 'Bearer <token>', 'X-Other': 'kept' };

describe('the tokens of the last login', () => {
  test('stand in for the placeholders of headers and variables, at any depth', () => {
    const lastLogin = new LastLogin(clock);
    lastLogin.update(login, '');
    const variables = { input: { token: '<token>', list: ['<refreshToken>', 1, null] } };
    expect(lastLogin.fillIn({ headers, variables })).toEqual({
      headers: { Authorization: 'Bearer a.1', 'X-Other': 'kept' },
      variables: { input: { token: 'a.1', list: ['r.1', 1, null] } },
    });
  });

  test('are known with their owner and the time when they end', () => {
    const lastLogin = new LastLogin(clock);
    lastLogin.update(login, '');
    expect(lastLogin.current()).toEqual({
      accessToken: 'a.1',
      refreshToken: 'r.1',
      username: 'admin',
      expiresAt: new Date('2030-01-01T12:15:00Z'),
    });
  });

  test('are replaced by those of a refresh, under an alias too, which keeps the name', () => {
    const lastLogin = new LastLogin(clock);
    lastLogin.update(login, '');
    lastLogin.update({ data: { again: { tokens: { accessToken: 'a.2' } } } }, '');
    expect(lastLogin.current()).toEqual({
      accessToken: 'a.2',
      refreshToken: 'r.1',
      username: 'admin',
      expiresAt: undefined,
    });
  });

  test('stay what they were after a result without tokens', () => {
    const lastLogin = new LastLogin(clock);
    lastLogin.update(login, '');
    const before = lastLogin.current();
    const others = [
      null,
      'text',
      {},
      { data: null },
      { data: { login: null } },
      { data: { login: { tokens: null } } },
      { data: { me: { id: 1 } } },
    ];
    for (const result of others) lastLogin.update(result, '');
    expect(lastLogin.current()).toBe(before);
  });

  test('end with their logout, and not with that of another token or one that failed', () => {
    const lastLogin = new LastLogin(clock);
    const done = { data: { logout: { ok: true } } };
    lastLogin.update(login, '');
    lastLogin.update(done, '{"variables":{"input":{"token":"other"}}}');
    lastLogin.update({ data: { logout: null } }, '{"variables":{"input":{"token":"a.1"}}}');
    expect(lastLogin.current()?.accessToken).toBe('a.1');
    for (const token of ['a.1', 'r.1']) {
      lastLogin.update(login, '');
      lastLogin.update(done, `{"variables":{"input":{"token":"${token}"}}}`);
      expect(lastLogin.current()).toBeNull();
    }
  });

  test('leave a header out while there are none, and a variable as it is', () => {
    const lastLogin = new LastLogin(clock);
    expect(lastLogin.fillIn({ headers, variables: { input: { token: '<token>' } } })).toEqual({
      headers: { 'X-Other': 'kept' },
      variables: { input: { token: '<token>' } },
    });
  });

  test('do not change a pasted token, nor a text that only mentions the placeholder', () => {
    const lastLogin = new LastLogin(clock);
    lastLogin.update(login, '');
    const pasted = { headers: { Authorization: 'Bearer mine' }, variables: { note: 'write <token> here' } };
    expect(lastLogin.fillIn(pasted)).toEqual(pasted);
  });

  test('are cleared on demand, and listeners are called', () => {
    const lastLogin = new LastLogin(clock);
    const seen: unknown[] = [];
    const stop = lastLogin.subscribe(() => seen.push(lastLogin.current()?.accessToken));
    lastLogin.update(login, '');
    lastLogin.forget();
    stop();
    lastLogin.update(login, '');
    expect(seen).toEqual(['a.1', undefined]);
  });
});
