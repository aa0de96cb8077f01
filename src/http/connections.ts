import { once } from 'node:events';
import http from 'node:http';
import type { Socket } from 'node:net';

/**
 * After the server has begun to close: how long a request may take to arrive whole, and how long to
 * be answered, in milliseconds.
 */
const ARRIVE_MS = 5000;
const ANSWER_MS = 25_000;

/**
 * The servers of one Fastify, one for each address of the host, and their connections, so that
 * closing waits for requests under way and for nobody else. Node ends idle connections only after
 * they have carried a request, and Fastify waits for its first address alone: a client that is
 * connected and says nothing would keep the process for ever, and one on another address would lose
 * its answer.
 */
export class Connections {
  private readonly servers: http.Server[] = [];
  private readonly open = new Map<Socket, Set<http.IncomingMessage>>();
  private drained: (() => void) | undefined;
  private again: (() => http.Server) | undefined;

  /** Makes a server for one address, as Fastify would (`serverFactory`). */
  serve(handler: http.RequestListener, options: ServerOptions): http.Server {
    const server = http.createServer(options.http ?? {});
    server.keepAliveTimeout = options.keepAliveTimeout ?? server.keepAliveTimeout;
    server.requestTimeout = options.requestTimeout ?? server.requestTimeout;
    server.on('connection', (socket) => {
      this.open.set(socket, new Set());
      socket.once('close', () => this.forget(socket));
    });
    server.on('request', (request, response) => {
      const { socket } = request;
      this.open.get(socket)?.add(request);
      response.once('close', () => this.finish(socket, request));
    });
    server.on('request', handler);
    this.servers.push(server);
    this.again = () => this.serve(handler, options);
    return server;
  }

  /**
   * Listens on the further addresses of the host, which for localhost are those of both families;
   * `serve` has made the server of the first one. An address that this machine does not have is
   * left out.
   */
  async listenToo(addresses: readonly string[], port: number): Promise<void> {
    const [first] = this.servers;
    for (const host of addresses) {
      const server = this.again?.();
      if (!first || !server) return;
      for (const listener of first.listeners('clientError')) server.on('clientError', listener as () => void);
      server.listen({ host, port });
      await once(server, 'listening').catch((error: NodeJS.ErrnoException) => {
        if (error.code !== 'EADDRNOTAVAIL' && error.code !== 'EAFNOSUPPORT') throw error;
      });
    }
  }

  /**
   * Takes no new connections, and resolves when every request under way is answered, or its time is
   * over.
   */
  async close(): Promise<void> {
    for (const server of this.servers) if (server.listening) server.close();
    const done = new Promise<void>((resolve) => {
      this.drained = resolve;
    });
    this.endWhere((requests) => requests.size === 0);
    const arriving = setTimeout(
      () => this.endWhere((requests) => [...requests].some(({ complete }) => !complete)),
      ARRIVE_MS,
    );
    const answering = setTimeout(() => this.endWhere(() => true), ANSWER_MS);
    if (this.open.size === 0) this.drained?.();
    await done;
    clearTimeout(arriving);
    clearTimeout(answering);
  }

  private endWhere(condition: (requests: Set<http.IncomingMessage>) => boolean): void {
    for (const [socket, requests] of this.open) if (condition(requests)) socket.destroy();
  }

  private finish(socket: Socket, request: http.IncomingMessage): void {
    const requests = this.open.get(socket);
    requests?.delete(request);
    if (this.drained && requests?.size === 0) socket.end();
  }

  private forget(socket: Socket): void {
    this.open.delete(socket);
    if (this.open.size === 0) this.drained?.();
  }
}

/** What Fastify hands to a `serverFactory`, as far as it is used. */
export interface ServerOptions {
  http?: http.ServerOptions;
  keepAliveTimeout?: number;
  requestTimeout?: number;
}
