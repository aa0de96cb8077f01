import { KongNameError } from '../../src/integrations/kong/kong-errors';
import { kongUsername, usernameFromKongHeader, usernameOfConsumer } from '../../src/integrations/kong/kong-username';

const UUID = '7b6f9a10-58d1-4f0a-8d7f-3a2d0c1b9e77';

describe('the name under which Kong holds a user', () => {
  it.each([
    'alice',
    'Alice',
    'user@example.com',
    'a b',
    'per%2Fcent',
    'slash/name',
    'dot.name',
    '...',
    '%2e%2e',
    '日本',
    '😀',
    'uuid:',
    'uuid:x',
  ])('is the username: %s', (username) => {
    expect(kongUsername(username)).toBe(username);
    expect(usernameOfConsumer(username)).toBe(username);
  });

  it.each([UUID, UUID.toUpperCase()])('has a prefix when the username has the shape of an id: %s', (username) => {
    expect(kongUsername(username)).toBe(`uuid:${username}`);
  });

  it('is never the same for two users, and leads back to each', () => {
    const usernames = [UUID, `uuid:${UUID}`, `uuid:uuid:${UUID}`, UUID.toUpperCase()];
    const names = usernames.map(kongUsername);
    expect(new Set(names).size).toBe(usernames.length);
    expect(names.map(usernameOfConsumer)).toEqual(usernames);
  });

  it.each([
    ['an empty name', '', 'The API gateway cannot hold an empty name.'],
    ['a dot', '.', 'The API gateway cannot hold a name that consists of dots only.'],
    ['two dots', '..', 'The API gateway cannot hold a name that consists of dots only.'],
    ['NUL', 'nul\0x', 'The API gateway cannot hold a name with a NUL character.'],
    ['a lone surrogate', 's\ud800x', 'The API gateway cannot hold a name that is not well-formed Unicode.'],
    ['more than a request line holds', 'ż'.repeat(1000), 'The API gateway cannot hold a name this long.'],
  ])('is refused for %s', (_, username, message) => {
    expect(() => kongUsername(username)).toThrow(new KongNameError(message));
  });

  it('is read from the header that the gateway sends as raw UTF-8', () => {
    const asNodeReadsIt = (text: string) => Buffer.from(text, 'utf8').toString('latin1');
    expect(usernameFromKongHeader(asNodeReadsIt('zażółć user+1@example.com'))).toBe('zażółć user+1@example.com');
    expect(usernameFromKongHeader(`uuid:${UUID}`)).toBe(UUID);
  });
});
