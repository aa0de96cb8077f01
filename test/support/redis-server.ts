import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { freePort } from './environment';

export interface RedisServer {
  url: string;
  /** Kills it as a power cut would; there is nothing on disk. */
  stop(): Promise<void>;
  /** Freezes it: connections stay open, nothing answers. */
  pause(): void;
  resume(): void;
}

/** Why no server can be started here, or undefined. */
export function redisServerMissing(): string | undefined {
  return spawnSync('redis-server', ['--version']).status === 0 ? undefined : 'there is no redis-server on the PATH';
}

/** The shell reads our pipe, so that the server ends with this process, however that ends. */
const GUARDIAN = '"$@" </dev/null & echo "pid $!"; read -r _; kill -9 $! && wait $!';

/** Starts a redis-server that keeps nothing, on the port or on a free one of 127.0.0.1. */
export async function startRedisServer(port?: number): Promise<RedisServer> {
  const chosen = port ?? (await freePort());
  const args = ['--port', String(chosen), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', '--dir', '/'];
  const server = await runRedis(args, 'Ready to accept connections');
  return { url: `redis://127.0.0.1:${chosen}`, ...server };
}

/** @param ready what it writes when it can be used */
export async function runRedis(args: readonly string[], ready: string): Promise<Omit<RedisServer, 'url'>> {
  const child = spawn('/bin/sh', ['-c', GUARDIAN, 'sh', 'redis-server', ...args], {
    detached: true,
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  child.stdin.on('error', () => {});
  const exited = once(child, 'close');
  const pid = await new Promise<number>((resolve, reject) => {
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output += text;
      if (output.includes(ready)) resolve(Number(/^pid (\d+)/m.exec(output)?.[1]));
      if (output.includes('Failed listening')) reject(new Error(output));
    });
    child.once('error', reject);
    child.once('close', () => reject(new Error(`redis-server ended: ${output}`)));
  });
  for (const handle of [child, child.stdin, child.stdout]) (handle as { unref?(): void }).unref?.();
  return {
    stop: async () => {
      child.stdin.end();
      child.ref();
      await exited;
    },
    pause: () => process.kill(pid, 'SIGSTOP'),
    resume: () => process.kill(pid, 'SIGCONT'),
  };
}
