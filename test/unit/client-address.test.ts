import Fastify from 'fastify';
import { loadConfig } from '../../src/config/config';
import { clientAddress, parseAddress, trustFunction } from '../../src/http/client-address';

const PEER = '127.0.0.1';

/** The address that a server with this TRUST_PROXY counts, for a request with this X-Forwarded-For. */
async function counted(trustProxy: string, forwarded?: string, peer = PEER): Promise<string> {
  const app = Fastify({ trustProxy: trustFunction(loadConfig({ TRUST_PROXY: trustProxy }).http.trustProxy) });
  app.get('/', async (request) => clientAddress(request));
  const headers = forwarded === undefined ? {} : { 'x-forwarded-for': forwarded };
  const { payload } = await app.inject({ url: '/', headers, remoteAddress: peer });
  await app.close();
  return payload;
}

describe('an entry of X-Forwarded-For', () => {
  test.each([
    ['203.0.113.7', '203.0.113.7'],
    ['203.0.113.7:51234', '203.0.113.7'],
    ['2001:db8::7', '2001:db8::7'],
    ['[2001:db8::7]', '2001:db8::7'],
    ['[2001:db8::7]:443', '2001:db8::7'],
    ['"[2001:db8::7]:443"', '2001:db8::7'],
    ['2001:DB8:0:0:0:0:0:7', '2001:db8::7'],
    ['::ffff:203.0.113.7', '203.0.113.7'],
    ['::ffff:cb00:7107', '203.0.113.7'],
    ['fe80::1%eth0', 'fe80::1'],
  ])('%s is the address %s', (entry, address) => expect(parseAddress(entry)).toBe(address));

  test.each([
    '',
    'unknown',
    '_hidden',
    '203.0.113',
    '203.0.113.7:',
    '203.0.113.7:x',
    '300.1.1.1',
    '2001:db8::7:99999x',
  ])('%j is no address', (entry) => expect(parseAddress(entry)).toBeNull());
});

describe('the address of a client', () => {
  test('is the peer without a trusted proxy, whatever the header', async () => {
    expect(await counted('off', '203.0.113.7')).toBe(PEER);
  });

  test('is what the one trusted proxy has added, not what the client has sent', async () => {
    expect(await counted('1', '203.0.113.7')).toBe('203.0.113.7');
    expect(await counted('1', '198.51.100.1, 203.0.113.7')).toBe('203.0.113.7');
    expect(await counted('1', '127.0.0.1,198.51.100.1, 203.0.113.7:40001')).toBe('203.0.113.7');
    expect(await counted('2', '198.51.100.1, 203.0.113.7, 10.0.0.2')).toBe('203.0.113.7');
  });

  test('is the last one that is no trusted proxy, where proxies are named', async () => {
    expect(await counted('loopback', '198.51.100.1, 203.0.113.7')).toBe('203.0.113.7');
    expect(await counted('loopback,10.0.0.0/8', '198.51.100.1, 203.0.113.7, 10.0.0.2:5000')).toBe('203.0.113.7');
    expect(await counted('loopback', '198.51.100.1, 203.0.113.7', '192.0.2.9')).toBe('192.0.2.9');
    expect(await counted('::1,2001:db8::/32', '203.0.113.7, [2001:DB8::5]:80', '::1')).toBe('203.0.113.7');
    expect(await counted('uniquelocal', '203.0.113.7', '::ffff:10.1.2.3')).toBe('203.0.113.7');
  });

  test('does not change with the port, so that a client cannot have a limit for each connection', async () => {
    const addresses = await Promise.all(['1', '2', '3'].map((port) => counted('1', `203.0.113.7:4000${port}`)));
    expect(new Set(addresses)).toEqual(new Set(['203.0.113.7']));
  });

  test('is the peer where the proxy sends something unreadable', async () => {
    expect(await counted('1', 'unknown')).toBe(PEER);
    expect(await counted('1', '203.0.113.7, _secret')).toBe(PEER);
  });
});
