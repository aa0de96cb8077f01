import { parseRedisAddress } from '../../src/config/redis-address';

test('one node, with its login and database in the URL', () => {
  const url = 'rediss://user:p%40ss@redis.example.org/3';
  expect(parseRedisAddress(url)).toEqual({ kind: 'node', url, nodes: [{ host: 'redis.example.org', port: 6379 }] });
});

test('sentinels, with the name of the primary', () => {
  expect(parseRedisAddress('redis+sentinel://one:5000,[::1],three/main')).toEqual({
    kind: 'sentinel',
    nodes: [
      { host: 'one', port: 5000 },
      { host: '::1', port: 26_379 },
      { host: 'three', port: 26_379 },
    ],
    primary: 'main',
    login: {},
    sentinelLogin: {},
    database: 0,
    tls: false,
  });
});

test('sentinels with logins, database and TLS', () => {
  const url = 'redis+sentinel://app:a%3Ab@one/main%20one?database=2&tls=on&sentinelUser=watch&sentinelPassword=w%26';
  expect(parseRedisAddress(url)).toMatchObject({
    primary: 'main one',
    login: { username: 'app', password: 'a:b' },
    sentinelLogin: { username: 'watch', password: 'w&' },
    database: 2,
    tls: true,
  });
});

test('a cluster', () => {
  expect(parseRedisAddress('redis+cluster://:secret@one:7000,two?tls=on')).toEqual({
    kind: 'cluster',
    nodes: [
      { host: 'one', port: 7000 },
      { host: 'two', port: 6379 },
    ],
    login: { password: 'secret' },
    tls: true,
  });
});

const HOSTS = 'must name hosts separated by commas, each as host or host:port';
const NAME =
  'must end with the name under which the sentinels watch the primary: redis+sentinel://host:port,host:port/name';
test.each([
  ['redis+sentinel://one,two', NAME],
  ['redis+sentinel://one/', NAME],
  ['redis+sentinel://one/main/2', NAME],
  ['redis+sentinel:///main', HOSTS],
  ['redis+sentinel://one:0/main', HOSTS],
  ['redis+sentinel://one:70000/main', HOSTS],
  ['redis+cluster://one,,two', HOSTS],
  ['redis+cluster://one two', HOSTS],
  ['redis+cluster://one/2', 'must end after the hosts: a cluster has neither a name nor databases'],
  ['redis+cluster://one?database=1', 'has the option "database"; it takes tls'],
  ['redis+sentinel://one/m?ssl=on', 'has the option "ssl"; it takes database, tls, sentinelUser, sentinelPassword'],
  ['redis+sentinel://one/m?tls=yes', 'has the option tls, which must be on or off'],
  ['redis+sentinel://one/m?database=two', 'must name the database by its number'],
  ['redis+sentinel://us%er@one/m', 'has a % that begins no encoded character'],
  ['redis://host/two', 'must name the database by its number'],
])('%s is refused: %s', (url, message) => {
  expect(() => parseRedisAddress(url)).toThrow(new TypeError(message));
});
