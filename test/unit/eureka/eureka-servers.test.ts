import { parseEurekaServers } from '../../../src/integrations/eureka/eureka-servers';
import { findLocalAddress } from '../../../src/integrations/eureka/local-address';

const NO_URL =
  'The Eureka URL must be a list of http:// or https:// URLs, separated by commas; commas in a password are written as %2C';

describe('the Eureka URL', () => {
  it.each([
    ['http://localhost:8761/eureka/', [{ baseUrl: 'http://localhost:8761/eureka' }]],
    ['http://localhost:8761/eureka', [{ baseUrl: 'http://localhost:8761/eureka' }]],
    ['http://localhost:8761', [{ baseUrl: 'http://localhost:8761/eureka' }]],
    ['https://registry.example.org/some/eureka/v2/', [{ baseUrl: 'https://registry.example.org/some/eureka/v2' }]],
    [
      'http://a:8761/eureka/, http://b:8761/eureka/,',
      [{ baseUrl: 'http://a:8761/eureka' }, { baseUrl: 'http://b:8761/eureka' }],
    ],
    [
      'http://user:p%40ss@a:8761/eureka/',
      [{ baseUrl: 'http://a:8761/eureka', authorization: `Basic ${btoa('user:p@ss')}` }],
    ],
    ['http://user@a:8761/eureka/', [{ baseUrl: 'http://a:8761/eureka', authorization: `Basic ${btoa('user:')}` }]],
  ])('reads %s', (url, servers) => {
    expect(parseEurekaServers(url)).toEqual(servers);
  });

  it.each([
    ['', 'The Eureka URL is empty'],
    [' , ', 'The Eureka URL is empty'],
    ['user:secret@localhost:8761', NO_URL],
    ['http://user:sec,ret@localhost:8761/eureka', NO_URL],
    ['ftp://user:secret@localhost', NO_URL],
    ['http://user:%zzsecret@localhost', 'User and password in the Eureka URL must be percent-encoded'],
  ])('refuses %j without repeating it', (url, message) => {
    expect(() => parseEurekaServers(url)).toThrow(new Error(message));
  });
});

describe('the address of this machine', () => {
  const address = { netmask: '', mac: '', cidr: null };

  it('is the first IPv4 address that others can reach', () => {
    const found = findLocalAddress({
      lo: [{ ...address, family: 'IPv4', address: '127.0.0.1', internal: true }],
      eth0: [
        { ...address, family: 'IPv6', address: 'fe80::1', scopeid: 2, internal: false },
        { ...address, family: 'IPv4', address: '192.0.2.10', internal: false },
      ],
      eth1: [{ ...address, family: 'IPv4', address: '198.51.100.7', internal: false }],
    });
    expect(found.ipAddress).toBe('192.0.2.10');
    expect(found.hostName).not.toBe('');
  });

  it('is the loopback address where there is no other', () => {
    expect(findLocalAddress({ lo: undefined }).ipAddress).toBe('127.0.0.1');
  });
});
