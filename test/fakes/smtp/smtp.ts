import type { AddressInfo } from 'node:net';
import { SMTPServer, type SMTPServerError } from 'smtp-server';

/** A mail as a mail program shows it. */
export interface ReadMail {
  /** By lower-case name; every value of a header that is there more than once. */
  headers: Record<string, string[]>;
  subject: string;
  text: string;
  html?: string;
}

/** A mail as the SMTP server took it: the envelope besides the content. */
export interface ReceivedMail extends ReadMail {
  from: string;
  recipients: string[];
  user?: string;
  secure: boolean;
}

export interface SmtpTestServer {
  /** With the credentials of `auth`, if any. */
  readonly url: string;
  readonly port: number;
  readonly received: ReceivedMail[];
  /** Every address that a client asked for, accepted or not. */
  readonly asked: string[];
  close(): Promise<void>;
}

/**
 * A real SMTP server on a free port of 127.0.0.1.
 *
 * @param options `refuse` returns a reply code for the recipients to be refused; `tls` is what the
 *   server offers, by default nothing
 */
export async function startSmtpServer(
  options: {
    port?: number;
    tls?: 'none' | 'starttls' | 'implicit';
    auth?: { user: string; password: string };
    refuse?: (address: string) => number | undefined;
  } = {},
): Promise<SmtpTestServer> {
  const { tls = 'none', auth, refuse } = options;
  const received: ReceivedMail[] = [];
  const asked: string[] = [];
  const server = new SMTPServer({
    logger: false,
    secure: tls === 'implicit',
    authOptional: auth === undefined,
    disabledCommands: tls === 'none' ? ['STARTTLS'] : [],
    disableReverseLookup: true,
    closeTimeout: 100,
    onAuth({ username, password }, _session, done) {
      if (username === auth?.user && password === auth?.password) return done(null, { user: username });
      return done(reply(535, `Wrong credentials ${username} ${password}`)); // as indiscreet as a server can be
    },
    onRcptTo({ address }, _session, done) {
      asked.push(address);
      const code = refuse?.(address);
      return done(code ? reply(code, `Mailbox ${address} refused`) : null);
    },
    onData(stream, session, done) {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        const { mailFrom, rcptTo } = session.envelope;
        received.push({
          from: mailFrom ? mailFrom.address : '',
          recipients: rcptTo.map(({ address }) => address),
          secure: session.secure,
          ...(typeof session.user === 'string' && { user: session.user }),
          ...readMail(Buffer.concat(chunks)),
        });
        done(null);
      });
    },
  });
  server.on('error', () => undefined); // clients that leave in the middle are part of the tests
  await new Promise<void>((resolve) => server.listen(options.port ?? 0, '127.0.0.1', resolve));
  const { port } = server.server.address() as AddressInfo;
  const login = auth ? `${encodeURIComponent(auth.user)}:${encodeURIComponent(auth.password)}@` : '';
  return {
    url: `${tls === 'implicit' ? 'smtps' : 'smtp'}://${login}127.0.0.1:${port}`,
    port,
    received,
    asked,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

function reply(code: number, message: string): SMTPServerError {
  return Object.assign(new Error(message), { responseCode: code });
}

/**
 * Reads the mails that this project writes: one text part, or text and html as alternatives (RFC
 * 2045 to 2047).
 */
export function readMail(raw: Buffer | string): ReadMail {
  const { headers, body } = split(typeof raw === 'string' ? raw : raw.toString('latin1'));
  const parts = readParts(headers, body);
  const html = parts.get('text/html');
  return {
    headers: Object.fromEntries(Object.entries(headers).map(([name, values]) => [name, values.map(decodeWords)])),
    subject: decodeWords(headers.subject?.[0] ?? ''),
    text: parts.get('text/plain') ?? '',
    ...(html !== undefined && { html }),
  };
}

function split(raw: string): { headers: Record<string, string[]>; body: string } {
  const end = raw.indexOf('\r\n\r\n');
  const headers: Record<string, string[]> = {};
  for (const line of raw.slice(0, end).split(/\r\n(?![ \t])/)) {
    const [, name = '', value = ''] = /^([^:]+):\s*(.*)$/s.exec(line) ?? [];
    headers[name.toLowerCase()] = [...(headers[name.toLowerCase()] ?? []), value.replace(/\r\n(?=[ \t])/g, '')];
  }
  return { headers, body: raw.slice(end + 4) };
}

function readParts(headers: Record<string, string[]>, body: string): Map<string, string> {
  const type = headers['content-type']?.[0] ?? 'text/plain';
  const boundary = /boundary="?([^";]+)"?/.exec(type)?.[1];
  if (boundary === undefined) {
    const text = decodeBody(body, headers['content-transfer-encoding']?.[0] ?? '7bit').replaceAll('\r\n', '\n');
    return new Map([[type.split(';')[0] ?? type, text.replace(/\n$/, '')]]);
  }
  const parts = body.split(`--${boundary}`).slice(1, -1);
  return new Map(
    parts.flatMap((part) => {
      const inner = split(part.replace(/^\r\n/, '').replace(/\r\n$/, ''));
      return [...readParts(inner.headers, inner.body)];
    }),
  );
}

function decodeBody(body: string, encoding: string): string {
  if (encoding === 'base64') return Buffer.from(body, 'base64').toString('utf8');
  const octets = encoding === 'quoted-printable' ? decodeQuotedPrintable(body.replace(/=[ \t]*\r\n/g, '')) : body;
  return Buffer.from(octets, 'latin1').toString('utf8');
}

function decodeQuotedPrintable(text: string): string {
  return text.replace(/=([0-9A-F]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}

/** RFC 2047: encoded words, those next to each other without the space between. */
function decodeWords(value: string): string {
  return value
    .replace(/(=\?[^?]+\?[bq]\?[^?]*\?=)\s+(?==\?)/gi, '$1')
    .replace(/=\?utf-8\?([bq])\?([^?]*)\?=/gi, (_, kind: string, text: string) => {
      const octets =
        kind.toLowerCase() === 'b'
          ? Buffer.from(text, 'base64')
          : Buffer.from(decodeQuotedPrintable(text.replaceAll('_', ' ')), 'latin1');
      return octets.toString('utf8');
    });
}
