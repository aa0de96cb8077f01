import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { type Clock, systemClock } from '../../../src/config/clock';
import { applicationsOf, toXml } from './eureka-format';
import { EurekaRegistry } from './eureka-registry';

export interface RecordedRequest {
  method: string;
  path: string;
  status: number | 'hung';
  authorization?: string;
  body?: unknown;
}

/**
 * A stand-in for a Netflix Eureka server at Spring's paths (`/eureka/apps…`), with the operations,
 * statuses and forms of the wiki page "Eureka REST operations" of Netflix/eureka. `stop()` and
 * `start()` restart it on the same port, and as there the registry is lost.
 */
export class EurekaStub {
  readonly registry: EurekaRegistry;
  readonly requests: RecordedRequest[] = [];
  private readonly credentials: { user: string; password: string } | undefined;
  private server: Server | undefined;
  private readonly sockets = new Set<Socket>();
  private port = 0;
  private hanging = false;
  private failure: number | undefined;

  constructor(options: { clock?: Clock; credentials?: { user: string; password: string } } = {}) {
    this.registry = new EurekaRegistry(options.clock ?? systemClock);
    this.credentials = options.credentials;
  }

  /** Without credentials. The same before and after a restart. */
  get url(): string {
    return `http://127.0.0.1:${this.port}/eureka`;
  }

  /** With the credentials that it asks for, as in Spring's configuration. */
  get urlWithCredentials(): string {
    const { user, password } = this.credentials ?? { user: '', password: '' };
    return this.url.replace('://', `://${encodeURIComponent(user)}:${encodeURIComponent(password)}@`);
  }

  async start(): Promise<void> {
    const server = createServer((request, response) => void this.handle(request, response));
    server.on('connection', (socket) => {
      this.sockets.add(socket);
      socket.on('close', () => this.sockets.delete(socket));
    });
    await new Promise<void>((resolve, reject) => server.once('error', reject).listen(this.port, '127.0.0.1', resolve));
    this.port = (server.address() as AddressInfo).port;
    this.server = server;
  }

  async stop(): Promise<void> {
    const server = this.server;
    this.server = undefined;
    this.registry.clear();
    for (const socket of this.sockets) socket.destroy();
    if (server) await new Promise((resolve) => server.close(resolve));
  }

  /** From now on it takes requests and never answers. */
  hang(): void {
    this.hanging = true;
  }

  /** From now on it answers everything with this status. */
  failWith(status: number): void {
    this.failure = status;
  }

  recover(): void {
    this.hanging = false;
    this.failure = undefined;
  }

  /** The requests with this method, as `METHOD path → status`. */
  log(method?: string): string[] {
    return this.requests
      .filter((each) => !method || each.method === method)
      .map((each) => `${each.method} ${each.path} → ${each.status}`);
  }

  private async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let text = '';
    for await (const chunk of request.setEncoding('utf8')) text += chunk;
    const { method = 'GET', url: path = '/' } = request;
    const { authorization } = request.headers;
    const recorded: RecordedRequest = {
      method,
      path,
      status: 'hung',
      ...(authorization && { authorization }),
      ...(text && { body: parse(text) }),
    };
    this.requests.push(recorded);
    if (this.hanging) return;
    const answer = this.failure
      ? { status: this.failure }
      : this.answer(request, method, new URL(path, this.url), recorded.body);
    recorded.status = answer.status;
    respond(request, response, answer);
  }

  private answer(request: IncomingMessage, method: string, url: URL, body: unknown): Answer {
    if (!this.isAuthorized(request.headers.authorization))
      return { status: 401, headers: { 'www-authenticate': 'Basic realm="Realm"' } };
    const [root, resource, ...names] = url.pathname.replace(/\/$/, '').slice(1).split('/').map(decodeURIComponent);
    if (root !== 'eureka') return { status: 404 };
    if (resource === 'apps') return this.answerApps({ request, method, url, body, names });
    if (method !== 'GET' || names.length !== 1) return { status: 404 };
    const [name = ''] = names;
    if (resource === 'instances')
      return found(
        'instance',
        this.registry.all().find(({ instanceId }) => instanceId === name),
      );
    if (resource !== 'vips') return { status: 404 };
    const instances = this.registry
      .all()
      .filter(({ vipAddress }) => String(vipAddress).toUpperCase() === name.toUpperCase());
    return found('applications', instances.length > 0 ? applicationsOf(instances) : undefined);
  }

  private answerApps(call: {
    request: IncomingMessage;
    method: string;
    url: URL;
    body: unknown;
    names: string[];
  }): Answer {
    const { request, method, url, body, names } = call;
    const [name, instanceId, part] = names;
    // The delta holds the changes of the last minutes; with so few, it is the whole list.
    if (!name || (name === 'delta' && !instanceId)) {
      return method === 'GET'
        ? { status: 200, root: 'applications', content: applicationsOf(this.registry.all()) }
        : { status: 405 };
    }
    const app = name.toUpperCase();
    if (!instanceId) {
      if (method === 'POST') {
        if (!/^application\/json\b/.test(request.headers['content-type'] ?? '')) return { status: 415 }; // the real one reads XML too
        const result = this.registry.register(app, body);
        return 'message' in result ? { status: result.status, text: result.message } : result;
      }
      const instance = this.registry.instances(app);
      return method === 'GET'
        ? found('application', instance.length > 0 ? { name: app, instance } : undefined)
        : { status: 405 };
    }
    if (part === 'status') {
      if (method === 'PUT') return { status: this.registry.override(app, instanceId, url.searchParams.get('value')) };
      return { status: method === 'DELETE' ? this.registry.override(app, instanceId, null) : 405 };
    }
    if (method === 'PUT')
      return { status: this.registry.renew(app, instanceId, url.searchParams.get('lastDirtyTimestamp')) };
    if (method === 'DELETE') return { status: this.registry.cancel(app, instanceId) };
    return method === 'GET' ? found('instance', this.registry.instance(app, instanceId)) : { status: 405 };
  }

  private isAuthorized(authorization: string | undefined): boolean {
    if (!this.credentials) return true;
    const { user, password } = this.credentials;
    return authorization === `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
  }
}

interface Answer {
  status: number;
  root?: string;
  content?: unknown;
  text?: string;
  headers?: Record<string, string>;
}

function found(root: string, content: unknown): Answer {
  return content === undefined ? { status: 404 } : { status: 200, root, content };
}

/** XML unless JSON is asked for, as ApplicationResource decides it. */
function respond(
  request: IncomingMessage,
  response: ServerResponse,
  { status, root, content, text, headers = {} }: Answer,
): void {
  if (root === undefined) return void response.writeHead(status, headers).end(text);
  const wantsJson = request.headers.accept?.includes('json') ?? false;
  const type = wantsJson ? 'application/json' : 'application/xml';
  response
    .writeHead(status, { ...headers, 'content-type': type })
    .end(wantsJson ? JSON.stringify({ [root]: content }) : toXml(root, content));
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
