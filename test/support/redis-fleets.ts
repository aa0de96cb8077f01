import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { createClient, createCluster } from 'redis';
import { freePort } from './environment';
import { eventually } from './eventually';
import { type RedisServer, runRedis } from './redis-server';

/** Several processes that serve one Redis. */
export interface RedisFleet {
  /** As REDIS_URL names it. */
  url: string;
  /** The primary that a failover is about to be of. */
  primary(): FleetNode;
  /** Waits until another has taken over from a node that is gone or silent. */
  takenOver(from: FleetNode): Promise<void>;
  /** Starts a killed node again, or lets a frozen one go on, and waits until it follows the new primary. */
  rejoin(node: FleetNode): Promise<void>;
  /** The values of these keys, wherever they are; null for one that is not there. */
  values(keys: readonly string[]): Promise<(string | null)[]>;
  stop(): Promise<void>;
}

export interface FleetNode extends Omit<RedisServer, 'url'> {
  readonly port: number;
}

/** How soon a silent node counts as gone. */
const SILENCE_MS = 500;
const NAME = 'primary';

class Node implements FleetNode {
  private server: Omit<RedisServer, 'url'> | undefined;
  private isFrozen = false;

  constructor(
    readonly port: number,
    private readonly args: readonly string[],
    private readonly ready: string,
  ) {}

  async start(...more: string[]): Promise<this> {
    this.server = await runRedis([...this.args, ...more], this.ready);
    return this;
  }

  stop = async (): Promise<void> => {
    this.isFrozen = false;
    await this.server?.stop();
  };
  pause = (): void => {
    this.isFrozen = true;
    this.server?.pause();
  };
  resume = (): void => {
    this.isFrozen = false;
    this.server?.resume();
  };

  async comeBack(...more: string[]): Promise<void> {
    if (this.isFrozen) this.resume();
    else await this.start(...more);
  }

  async ask(...command: string[]): Promise<unknown> {
    const client = createClient({ RESP: 2, socket: { host: '127.0.0.1', port: this.port, reconnectStrategy: false } });
    client.on('error', () => {});
    await client.connect();
    try {
      return await client.sendCommand(command);
    } finally {
      client.destroy();
    }
  }

  /** What `INFO`, `CLUSTER INFO` and the like say, by name; empty while the node does not answer. */
  async facts(...command: string[]): Promise<Record<string, string>> {
    const text = String(await this.ask(...command).catch(() => ''));
    return Object.fromEntries(text.split(/\r?\n/).map((line) => line.split(':') as [string, string]));
  }
}

/** A data node that keeps nothing. */
async function dataNode(folder: string, settings: Record<string, string>): Promise<Node> {
  const port = await freePort();
  const dir = fs.mkdtempSync(path.join(folder, 'node-'));
  const all = { bind: '127.0.0.1', save: '', appendonly: 'no', 'repl-diskless-sync-delay': '0', ...settings };
  const args = ['--port', String(port), '--dir', dir, ...Object.entries(all).flatMap(([name, v]) => [`--${name}`, v])];
  return new Node(port, args, 'Ready to accept connections');
}

const address = ({ port }: FleetNode): string => `127.0.0.1:${port}`;
const newFolder = (): string => fs.mkdtempSync(path.join(os.tmpdir(), 'redis-fleet-'));

/** A primary, a replica, and three sentinels that watch them. */
export async function startSentinels(): Promise<RedisFleet & { sentinels: readonly FleetNode[] }> {
  const folder = newFolder();
  const nodes = await Promise.all([dataNode(folder, {}), dataNode(folder, {})]);
  const [first, second] = nodes as [Node, Node];
  await first.start();
  await second.start('--replicaof', '127.0.0.1', String(first.port));
  await follows(second);
  const sentinels = await Promise.all([1, 2, 3].map((number) => startSentinel(folder, number, first)));

  const view = async (sentinel: Node): Promise<Record<string, string>> => {
    const flat = (await sentinel.ask('SENTINEL', 'MASTER', NAME).catch(() => [])) as string[];
    return Object.fromEntries(flat.flatMap((name, i) => (i % 2 ? [] : [[name, flat[i + 1]!]])));
  };
  const all = (what: string, holds: (seen: Record<string, string>) => boolean) =>
    eventually(what, async () => {
      const views = await Promise.all(sentinels.map(view));
      return views.filter((seen) => seen.port === undefined || holds(seen)).length === sentinels.length;
    });
  const whole = (seen: Record<string, string>) =>
    seen['num-other-sentinels'] === '2' && seen['num-slaves'] === '1' && seen.flags === 'master';
  await all('the sentinels to know each other', whole);

  let current: Node = first;
  const other = (node: FleetNode): Node => (node.port === first.port ? second : first);
  return {
    url: `redis+sentinel://${sentinels.map(address).join(',')}/${NAME}`,
    sentinels,
    primary: () => current,
    takenOver: async (from) => {
      const next = other(from);
      await all('the sentinels to promote the replica', ({ port }) => port === String(next.port));
      await eventually('the replica to take writes', async () => (await next.facts('INFO')).role === 'master');
      current = next;
    },
    rejoin: async (node) => {
      const back = node as Node;
      await back.comeBack('--replicaof', '127.0.0.1', String(current.port));
      await follows(back);
      await all('the sentinels to see the replica', (seen) => seen.flags === 'master');
      await eventually('every sentinel to count the replica in', async () => {
        const replicas = await Promise.all(
          sentinels.map((each) => each.ask('SENTINEL', 'REPLICAS', NAME).catch(() => [['flags', 'slave']])),
        );
        return replicas.every((list) =>
          (list as string[][]).some((flat) => flat[flat.indexOf('flags') + 1] === 'slave'),
        );
      });
    },
    values: async (keys) => (await current.ask('MGET', ...keys)) as (string | null)[],
    stop: async () => {
      await Promise.all([...nodes, ...sentinels].map((node) => node.stop()));
      fs.rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function startSentinel(folder: string, number: number, primary: Node): Promise<Node> {
  const file = path.join(folder, `sentinel-${number}.conf`);
  const port = await freePort();
  const lines = [
    `port ${port}`,
    'bind 127.0.0.1',
    `dir ${folder}`,
    `sentinel monitor ${NAME} 127.0.0.1 ${primary.port} 2`,
    `sentinel down-after-milliseconds ${NAME} ${SILENCE_MS}`,
    `sentinel failover-timeout ${NAME} 2000`,
  ];
  fs.writeFileSync(file, `${lines.join('\n')}\n`);
  return new Node(port, [file, '--sentinel'], '+monitor').start();
}

const follows = (replica: Node) =>
  eventually('the replica to follow', async () => (await replica.facts('INFO')).master_link_status === 'up');

/** Three primaries, each with a replica. */
export async function startCluster(): Promise<RedisFleet & { reshard(slots: number): Promise<void> }> {
  const folder = newFolder();
  const nodes = await Promise.all(
    Array.from({ length: 6 }, async () => {
      const bus = String(await freePort());
      const settings = { 'cluster-enabled': 'yes', 'cluster-node-timeout': String(SILENCE_MS), 'cluster-port': bus };
      const node = await dataNode(folder, { ...settings, 'cluster-replica-validity-factor': '0' });
      return { node: await node.start(), bus };
    }),
  );
  const members = nodes.map(({ node }) => node);
  const primaries = members.slice(0, 3);
  const names = await Promise.all(members.map(async (node) => String(await node.ask('CLUSTER', 'MYID'))));
  await Promise.all(members.map((node, i) => node.ask('CLUSTER', 'SET-CONFIG-EPOCH', String(i + 1))));
  const ranges = ['0 5460', '5461 10922', '10923 16383'];
  await Promise.all(primaries.map((node, i) => node.ask('CLUSTER', 'ADDSLOTSRANGE', ...ranges[i]!.split(' '))));
  for (const { node, bus } of nodes.slice(1))
    await members[0]!.ask('CLUSTER', 'MEET', '127.0.0.1', String(node.port), bus);
  const all = (what: string, holds: (node: Node) => Promise<boolean>) =>
    eventually(what, async () => (await Promise.all(members.map(holds))).every(Boolean));
  await all(
    'the nodes to know each other',
    async (node) => (await node.facts('CLUSTER', 'INFO')).cluster_known_nodes === '6',
  );
  await Promise.all(members.slice(3).map((node, i) => node.ask('CLUSTER', 'REPLICATE', names[i]!)));
  const isWhole = async (node: Node): Promise<boolean> => {
    const { cluster_state, cluster_slots_ok } = await node.facts('CLUSTER', 'INFO');
    return cluster_state === 'ok' && cluster_slots_ok === '16384';
  };
  const untilWhole = () => all('the cluster to be whole', isWhole);
  await untilWhole();
  await Promise.all(members.slice(3).map(follows));

  // the first shard is the one that fails over
  let current = members[0]!;
  return {
    url: `redis+cluster://${members.map(address).join(',')}`,
    primary: () => current,
    takenOver: async (from) => {
      const next = from.port === members[0]!.port ? members[3]! : members[0]!;
      await eventually('the replica to take over', async () => (await next.facts('INFO')).role === 'master');
      await eventually('the others to know', async () =>
        (await Promise.all(members.filter((node) => node !== from).map(isWhole))).every(Boolean),
      );
      current = next;
    },
    rejoin: async (node) => {
      await (node as Node).comeBack();
      await follows(node as Node);
      await untilWhole();
    },
    reshard: async (slots) => {
      const to = names[1]!;
      const from = names[2]!;
      const args = ['--cluster', 'reshard', address(current), '--cluster-from', from, '--cluster-to', to];
      const child = spawn('redis-cli', [...args, '--cluster-slots', String(slots), '--cluster-yes'], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      let output = '';
      child.stdout.setEncoding('utf8').on('data', (text: string) => {
        output = (output + text).slice(-2000);
      });
      const [code] = (await once(child, 'close')) as [number];
      if (code !== 0) throw new Error(`redis-cli could not reshard: ${output}`);
    },
    values: async (keys) => {
      const client = createCluster({ rootNodes: [{ socket: { host: '127.0.0.1', port: current.port } }] });
      client.on('error', () => {});
      await client.connect();
      try {
        return await Promise.all(keys.map((key) => client.get(key)));
      } finally {
        client.destroy();
      }
    },
    stop: async () => {
      await Promise.all(members.map((node) => node.stop()));
      fs.rmSync(folder, { recursive: true, force: true });
    },
  };
}
