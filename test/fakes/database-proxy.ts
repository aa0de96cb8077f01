import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import type { TestDatabase } from '../support/database';

/** The network between a server and its database, which a test may cut or freeze. */
export interface DatabaseProxy {
  /** The database, reached through the proxy. */
  url: string;
  /**
   * Every connection ends, and new ones are refused: PostgreSQL has crashed, or is being restarted.
   */
  cut(): Promise<void>;
  /** Nothing passes any more, and nothing ends: the cable is out, or PostgreSQL stands still. */
  freeze(): void;
  /** Everything is as it was; what was frozen passes. */
  restore(): Promise<void>;
  /** New connections lead to this database from now on, under the same address. */
  leadTo(url: string): void;
  close(): Promise<void>;
}

export async function startDatabaseProxy(database: TestDatabase): Promise<DatabaseProxy> {
  let target = new URL(database.url);
  const open = new Set<Socket>();
  let isFrozen = false;
  let server: Server | undefined;
  let port = 0;

  const accept = (client: Socket) => {
    const folder = decodeURIComponent(target.hostname);
    const upstream = folder.startsWith('/')
      ? connect(`${folder}/.s.PGSQL.${target.port || 5432}`)
      : connect(Number(target.port || 5432), folder);
    for (const [from, to] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      open.add(from);
      from.on('data', (data) => to.write(data));
      from.on('end', () => to.end());
      from.on('error', () => to.destroy());
      from.on('close', () => {
        open.delete(from);
        to.destroy();
      });
      if (isFrozen) from.pause();
    }
  };
  const listen = async () => {
    server = createServer(accept).listen(port, '127.0.0.1');
    await once(server, 'listening');
    port = (server.address() as { port: number }).port;
  };
  const cut = async () => {
    const closing = server;
    server = undefined;
    const closed = closing && once(closing, 'close');
    closing?.close();
    for (const socket of open) socket.destroy();
    await closed;
  };
  await listen();
  return {
    url: Object.assign(new URL(database.url.replace(target.host, 'placeholder')), { host: `127.0.0.1:${port}` }).href,
    cut,
    freeze: () => {
      isFrozen = true;
      for (const socket of open) socket.pause();
    },
    restore: async () => {
      isFrozen = false;
      for (const socket of open) socket.resume();
      if (!server) await listen();
    },
    leadTo: (url) => {
      target = new URL(url);
    },
    close: cut,
  };
}
