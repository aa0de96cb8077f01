/**
 * One Eureka server, with its credentials taken out of the URL: `fetch` refuses a URL that has any,
 * and logs would show them.
 */
export interface EurekaServer {
  /** Without user, password, query and slash at the end; safe to log. */
  baseUrl: string;
  /** The Basic header (RFC 7617) for a URL with user and password. */
  authorization?: string;
}

/**
 * Reads what Spring calls `eureka.client.service-url.defaultZone`: one URL or several separated by
 * commas, each ending in `/eureka` (added when the URL has no path, since Spring's server serves
 * its registry there).
 *
 * @throws Error that says what is wrong without repeating any part of a URL, which may hold a
 *   password
 */
export function parseEurekaServers(eurekaUrl: string): EurekaServer[] {
  const entries = eurekaUrl.split(',').map((entry) => entry.trim());
  const servers = entries.filter((entry) => entry !== '').map(parseEurekaServer);
  if (servers.length === 0) throw new Error('The Eureka URL is empty');
  return servers;
}

function parseEurekaServer(text: string): EurekaServer {
  const url = URL.parse(text);
  if (!url || !['http:', 'https:'].includes(url.protocol)) {
    throw new Error(
      'The Eureka URL must be a list of http:// or https:// URLs, separated by commas; commas in a password are ' +
        'written as %2C',
    );
  }
  const path = url.pathname.replace(/\/+$/, '');
  const baseUrl = `${url.origin}${path === '' ? '/eureka' : path}`;
  return url.username === '' && url.password === '' ? { baseUrl } : { baseUrl, authorization: basic(url) };
}

function basic(url: URL): string {
  try {
    const pair = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
    return `Basic ${Buffer.from(pair, 'utf8').toString('base64')}`;
  } catch {
    throw new Error('User and password in the Eureka URL must be percent-encoded');
  }
}
