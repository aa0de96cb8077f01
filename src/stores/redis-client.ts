import { createClient, createCluster, createSentinel } from 'redis';
import type { RedisAddress, RedisNode } from '../config/redis-address';

/** For one TCP connection. */
const CONNECT_TIMEOUT_MS = 1500;
/** A sentinel that is silent for so long is given up for the next; it is asked for a sign of life twice as often. */
const SENTINEL_SILENCE_MS = 2000;
/** Never written: to delete it needs a node that takes writes, and in a cluster one that is whole. */
const PROBE = 'connection:probe';

/**
 * What the server needs of node-redis: each command has one key, so that a cluster can run it, and each is sent once
 * or not at all. A client is good for one connection.
 */
export interface RedisClient {
  readonly isReady: boolean;
  connect(): Promise<unknown>;
  get(key: string): Promise<string | null>;
  set(key: string, value: string, options: { expiration: { type: 'PX'; value: number } }): Promise<unknown>;
  del(key: string): Promise<number>;
  eval(script: string, options: { keys: string[]; arguments: string[] }): Promise<unknown>;
  /** Rejects unless every primary in use answers and takes writes. */
  probe(): Promise<unknown>;
  /** Waits for commands in flight. */
  close(): Promise<unknown>;
  /** Fails commands in flight. */
  destroy(): void;
}

export interface RedisClientListeners {
  /** The connection cannot be used any more; some losses show by a command that fails alone. */
  onLost: () => void;
  onError: (error: unknown) => void;
}

/**
 * @param attempt how many attempts to connect there were: each begins with another of several nodes, in case one is
 *   there and silent
 */
export function createRedisClient(
  address: RedisAddress,
  attempt: number,
  listeners: RedisClientListeners,
): RedisClient {
  const nodes = rotate(address.nodes, attempt);
  if (address.kind === 'sentinel') return openSentinel({ ...address, nodes }, listeners);
  if (address.kind === 'cluster') return openCluster({ ...address, nodes }, listeners);
  return openNode(address, listeners);
}

/** RedisConnection connects again, with a new client; an offline queue would hold commands meanwhile. */
const nodeOptions = (tls: boolean) => ({
  disableOfflineQueue: true,
  maintNotifications: 'disabled' as const,
  socket: { connectTimeout: CONNECT_TIMEOUT_MS, reconnectStrategy: false as const, ...(tls && { tls: true as const }) },
});

function openNode({ url }: RedisAddress & { kind: 'node' }, { onLost, onError }: RedisClientListeners): RedisClient {
  const client = createClient({ url, ...nodeOptions(url.startsWith('rediss:')) });
  client.on('error', onError).on('terminated', onLost).on('end', onLost);
  return withProbe(client, () => client.del(PROBE));
}

function openSentinel(
  { nodes, primary, login, sentinelLogin, database, tls }: RedisAddress & { kind: 'sentinel' },
  { onLost, onError }: RedisClientListeners,
): RedisClient {
  const node = nodeOptions(tls);
  const client = createSentinel({
    name: primary,
    sentinelRootNodes: [...nodes],
    nodeClientOptions: { ...node, ...login, database },
    sentinelClientOptions: {
      ...node,
      ...sentinelLogin,
      socket: { ...node.socket, socketTimeout: SENTINEL_SILENCE_MS },
      pingInterval: SENTINEL_SILENCE_MS / 2,
    },
    // a command that was cut off may have run: repeating it would count an attempt twice
    maxCommandRediscovers: 0,
    // without it simultaneous commands wait for each other's turn on the one connection
    reserveClient: true,
  });
  client.on('error', onError).on('reconnecting', onLost).on('end', onLost);
  return withProbe(client, () => client.del(PROBE));
}

function openCluster(
  { nodes, login, tls }: RedisAddress & { kind: 'cluster' },
  { onLost, onError }: RedisClientListeners,
): RedisClient {
  const client = createCluster({
    rootNodes: nodes.map(({ host, port }) => ({ socket: { host, port } })),
    defaults: { ...nodeOptions(tls), ...login },
  });
  client.on('error', onError).on('node-error', (error) => {
    onError(error);
    onLost();
  });
  return withProbe(client, () => Promise.all([client.ping(), client.del(PROBE)]));
}

function withProbe(
  client: Omit<RedisClient, 'probe' | 'close' | 'destroy'> & { close(): unknown; destroy(): unknown },
  probe: () => Promise<unknown>,
): RedisClient {
  return {
    get isReady() {
      return client.isReady;
    },
    connect: () => client.connect(),
    get: (key) => client.get(key),
    set: (key, value, options) => client.set(key, value, options),
    del: (key) => client.del(key),
    eval: (script, options) => client.eval(script, options),
    probe,
    close: async () => client.close(),
    // that of a sentinel is a promise, which rejects where a listener throws
    destroy: () => void Promise.resolve(client.destroy()).catch(() => undefined),
  };
}

const rotate = (nodes: readonly RedisNode[], by: number): readonly RedisNode[] => {
  const first = by % nodes.length;
  return [...nodes.slice(first), ...nodes.slice(0, first)];
};
