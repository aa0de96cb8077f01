/** Where and how to reach the SMTP server. */
export interface SmtpAddress {
  host: string;
  port: number;
  /** TLS from the first byte (RFC 8314, 3.3: submissions). */
  secure: boolean;
  /** Refuse to go on when the server does not offer STARTTLS. */
  requireTLS: boolean;
  /** Do not use STARTTLS even when it is offered. */
  ignoreTLS: boolean;
  rejectUnauthorized: boolean;
  auth?: { user: string; pass: string };
}

const SWITCHES = ['requireTLS', 'ignoreTLS', 'tls.rejectUnauthorized'];

/**
 * Reads `smtp://` and `smtps://` URLs; user and password are percent-encoded in it.
 *
 * - `smtps://` speaks TLS from the first byte (port 465), `smtp://` (port 587) upgrades by STARTTLS
 *   when the server offers it.
 * - Certificates are verified in both; `?tls.rejectUnauthorized=false` gives that up (a server of
 *   one's own with its own certificate).
 * - With a password `smtp://` insists on TLS, unless the server is on this machine: without it an
 *   attacker on the way could strip STARTTLS and read the password. `?requireTLS=true` insists without a password,
 *   `?ignoreTLS=true` never upgrades.
 *
 * @throws Error that says what is wrong without repeating any part of the URL, which may hold a
 *   password
 */
export function parseSmtpUrl(smtpUrl: string): SmtpAddress {
  const url = URL.parse(smtpUrl);
  if (!url || !['smtp:', 'smtps:'].includes(url.protocol))
    throw new Error('The SMTP URL must start with smtp:// or smtps://');
  if (url.hostname === '') throw new Error('The SMTP URL names no host');
  if (!['', '/'].includes(url.pathname) || url.hash !== '')
    throw new Error('The SMTP URL must end after host and port');

  const secure = url.protocol === 'smtps:';
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  const auth = credentials(url);
  const switches = readSwitches(url);
  const ignoreTLS = switches.get('ignoreTLS') ?? false;
  const insist = auth !== undefined && !ignoreTLS && !isThisMachine(host);
  return {
    host,
    port: url.port === '' ? (secure ? 465 : 587) : Number(url.port),
    secure,
    requireTLS: !secure && (switches.get('requireTLS') ?? insist),
    ignoreTLS: !secure && ignoreTLS,
    rejectUnauthorized: switches.get('tls.rejectUnauthorized') ?? true,
    ...(auth && { auth }),
  };
}

function credentials(url: URL): { user: string; pass: string } | undefined {
  if (url.username === '' && url.password === '') return undefined;
  try {
    return { user: decodeURIComponent(url.username), pass: decodeURIComponent(url.password) };
  } catch {
    throw new Error('User and password in the SMTP URL must be percent-encoded');
  }
}

function readSwitches(url: URL): Map<string, boolean> {
  const switches = new Map<string, boolean>();
  for (const [name, value] of url.searchParams) {
    if (!SWITCHES.includes(name)) throw new Error(`The SMTP URL may only set ${SWITCHES.join(', ')}`);
    if (value !== 'true' && value !== 'false') throw new Error(`${name} in the SMTP URL must be true or false`);
    switches.set(name, value === 'true');
  }
  return switches;
}

function isThisMachine(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127\.\d+\.\d+\.\d+$/.test(host);
}
