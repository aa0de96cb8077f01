import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Fault, Faults } from './faults';

/**
 * Builds the whole answer and may have effects; sending it is done separately, so that it can be
 * lost.
 */
export type Handler = (request: IncomingMessage, response: ServerResponse, body: Buffer) => Promise<() => void>;

interface ListenerOptions {
  host: string;
  /** 0: any free port, which then stays the same over stop and start. */
  port: number;
  handle: Handler;
  sendFault: (response: ServerResponse, fault: Fault & { kind: 'status' | 'html' }) => void;
}

/**
 * One of Kong's two ports: a real HTTP server that can be stopped, started again on its port, made
 * to hang and made to fail.
 */
export class Listener {
  readonly faults = new Faults();
  private server: Server | null = null;
  private boundPort: number;

  constructor(private readonly options: ListenerOptions) {
    this.boundPort = options.port;
  }

  get port(): number {
    return this.boundPort;
  }

  get url(): string {
    return `http://${this.options.host.includes(':') ? `[${this.options.host}]` : this.options.host}:${this.boundPort}`;
  }

  async start(): Promise<void> {
    if (this.server) return;
    // nginx limits each header line to 8 KiB, the handler does that; Node limits the sum
    const server = createServer(
      { maxHeaderSize: 64 * 1024, keepAliveTimeout: 75_000, insecureHTTPParser: false },
      (request, response) => {
        this.serve(request, response).catch(() => response.destroy());
      },
    );
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(this.boundPort, this.options.host, resolve);
    });
    this.boundPort = (server.address() as AddressInfo).port;
    this.server = server;
  }

  /** Cuts every connection, as `kong stop` does. */
  async stop(): Promise<void> {
    const { server } = this;
    if (!server) return;
    this.server = null;
    this.faults.clear();
    await new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  }

  private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await readAll(request);
    await this.faults.passed();
    const fault = this.faults.next(request.method);
    if (fault?.moment === 'before') return this.fail(response, fault);
    const send = await this.options.handle(request, response, body);
    if (fault && fault.kind !== 'none') return this.fail(response, fault);
    send();
  }

  private fail(response: ServerResponse, fault: Fault): void {
    if (fault.kind === 'reset') response.socket?.resetAndDestroy();
    else if (fault.kind === 'status' || fault.kind === 'html') this.options.sendFault(response, fault);
  }
}

async function readAll(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks);
}
