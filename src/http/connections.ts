import { once } from 'node:events';
import http from 'node:http';
import type { Socket } from 'node:net';

/** Requests of one connection that are handled at once; what a client has pipelined beyond them waits. */
const MAX_UNANSWERED = 16;
/** Requests that wait on all connections together, about 5 KB each; a connection that exceeds it is cut. */
const MAX_WAITING = 4096;
/** Milliseconds without a byte in either direction after which a connection is closed. */
const SILENT_MS = 120_000;
/** Milliseconds that a request has to arrive whole, and to be answered, once the server is closing. */
const ARRIVE_MS = 5000;
const ANSWER_MS = 25_000;

interface Exchange {
  request: http.IncomingMessage;
  response: http.ServerResponse;
}

interface Connection {
  /** Handed to Fastify; answered when the last byte has left for the client. */
  unanswered: Set<http.IncomingMessage>;
  waiting: Exchange[];
}

/** What Fastify passes to a `serverFactory`, as far as it is used. */
export interface ServerOptions {
  http?: http.ServerOptions;
  keepAliveTimeout?: number;
  requestTimeout?: number;
}

/**
 * The Node servers of one Fastify instance, one for each address of the host, and their connections.
 *
 * Bounds what a connection can ask for at once: Node parses every request of a chunk, thousands in 64 KB, and would
 * hand all of them over while none of the answers is read. Closes all servers: Node waits for silent connections, and
 * Fastify closes its first address alone.
 */
export class Connections {
  private readonly servers: http.Server[] = [];
  private readonly open = new Map<Socket, Connection>();
  private waiting = 0;
  private onDrained: (() => void) | undefined;
  private createServer: (() => http.Server) | undefined;

  /** @param answerMs milliseconds that a request has to be answered once the server is closing */
  constructor(private readonly answerMs = ANSWER_MS) {}

  /** Creates the server of one address (Fastify's `serverFactory`). */
  serve(handler: http.RequestListener, options: ServerOptions): http.Server {
    const server = http.createServer(options.http ?? {});
    server.keepAliveTimeout = options.keepAliveTimeout ?? server.keepAliveTimeout;
    server.requestTimeout = options.requestTimeout ?? server.requestTimeout;
    server.timeout = SILENT_MS;
    server.on('connection', (socket) => {
      this.open.set(socket, { unanswered: new Set(), waiting: [] });
      socket.once('close', () => this.removeConnection(socket));
    });
    const connections = this;
    const onClose = function (this: http.ServerResponse): void {
      connections.finish(this.req, handler);
    };
    server.on('request', (request, response) => {
      response.on('close', onClose);
      this.receive({ request, response }, handler);
    });
    this.servers.push(server);
    this.createServer = () => this.serve(handler, options);
    return server;
  }

  /** Listens on the other addresses of the host too; an address that this machine does not have is left out. */
  async listenAlso(addresses: readonly string[], port: number): Promise<void> {
    const [first] = this.servers;
    for (const host of addresses) {
      const server = this.createServer?.();
      if (!first || !server) return;
      for (const listener of first.listeners('clientError')) server.on('clientError', listener as () => void);
      server.listen({ host, port });
      await once(server, 'listening').catch((error: NodeJS.ErrnoException) => {
        if (error.code !== 'EADDRNOTAVAIL' && error.code !== 'EAFNOSUPPORT') throw error;
      });
    }
  }

  /** Accepts no more connections; resolves when every request under way is answered or out of time. */
  async close(): Promise<void> {
    for (const server of this.servers) if (server.listening) server.close();
    const drained = new Promise<void>((resolve) => {
      this.onDrained = resolve;
    });
    this.destroyWhere(({ unanswered }) => unanswered.size === 0);
    const arriving = setTimeout(
      () => this.destroyWhere(({ unanswered }) => [...unanswered].some(({ complete }) => !complete)),
      ARRIVE_MS,
    );
    const answering = setTimeout(() => this.destroyWhere(() => true), this.answerMs);
    if (this.open.size === 0) this.onDrained?.();
    await drained;
    clearTimeout(arriving);
    clearTimeout(answering);
  }

  private receive(exchange: Exchange, handler: http.RequestListener): void {
    const { socket } = exchange.request;
    const connection = this.open.get(socket);
    // the parser may go on with its chunk after the connection was cut
    if (!connection || socket.destroyed) return;
    if (connection.unanswered.size < MAX_UNANSWERED) {
      this.handle(connection, exchange, handler);
    } else if (this.waiting < MAX_WAITING) {
      this.waiting++;
      connection.waiting.push(exchange);
      socket.pause();
    } else {
      skipRestOfChunk(socket);
      socket.destroy();
    }
  }

  private handle(connection: Connection, { request, response }: Exchange, handler: http.RequestListener): void {
    connection.unanswered.add(request);
    handler(request, response);
  }

  private finish(request: http.IncomingMessage, handler: http.RequestListener): void {
    const { socket } = request;
    const connection = this.open.get(socket);
    if (!connection?.unanswered.delete(request) || socket.destroyed) return;
    const next = connection.waiting.shift();
    if (next) {
      this.waiting--;
      if (connection.waiting.length === 0) socket.resume();
      this.handle(connection, next, handler);
    } else if (this.onDrained && connection.unanswered.size === 0) {
      socket.destroySoon(); // a browser keeps its half open until it needs the connection
    }
  }

  private destroyWhere(condition: (connection: Connection) => boolean): void {
    for (const [socket, connection] of this.open) if (condition(connection)) socket.destroy();
  }

  private removeConnection(socket: Socket): void {
    this.waiting -= this.open.get(socket)?.waiting.length ?? 0;
    this.open.delete(socket);
    if (this.open.size === 0) this.onDrained?.();
  }
}

/** llhttp: what follows these headers is not HTTP. */
const NO_FURTHER_REQUEST = 2;

/**
 * Keeps Node from building the requests of a chunk that are left, thousands of them for a connection that is cut. Node
 * has no public way to it; where its parser is another one, they are built and dropped.
 */
function skipRestOfChunk(socket: Socket): void {
  const { parser } = socket as Socket & { parser?: { onIncoming?: unknown } };
  if (parser?.onIncoming) parser.onIncoming = () => NO_FURTHER_REQUEST;
}
