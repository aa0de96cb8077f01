// What the attacks of the drills are made of.
import net from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

export const MAX_GROWTH_MB = 150;
const SAMPLE_MS = 50;

/** POSTs JSON. @returns status 0 where there is no answer */
export const post = (server, path, body, headers = {}) =>
  fetch(`${server.url}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  }).then(
    async (response) => ({
      status: response.status,
      text: await response.text(),
      retryAfter: Number(response.headers.get('retry-after') ?? 0),
    }),
    () => ({ status: 0, text: '', retryAfter: 0 }),
  );

export const graphql = (server, body, headers) => post(server, '/graphql', body, headers);

export const repeat = (times, work) => Promise.all(Array.from({ length: times }, (_, i) => work(i)));

/** `times` runs of `work`, at most `atOnce` of them at a time. */
export async function inTurns(times, atOnce, work) {
  let next = 0;
  await repeat(atOnce, async () => {
    while (next < times) await work(next++);
  });
}

/** Connections that send a text and never read; they are held until `cut`. */
export function silentConnections(server, { connections, text }) {
  const { hostname, port } = new URL(server.url);
  const sockets = Array.from({ length: connections }, () => {
    const socket = net.connect(Number(port), hostname).on('error', () => {});
    socket.pause();
    socket.write(text);
    return socket;
  });
  return {
    sockets,
    cut: () => {
      for (const socket of sockets) socket.destroy();
    },
  };
}

/** Opens connections that send requests and never read, holds them, and cuts them. */
export async function unread(server, { connections, request, times, holdMs = 8000 }) {
  const text = `${request} HTTP/1.1\r\nhost: localhost\r\n\r\n`.repeat(times);
  const { cut } = silentConnections(server, { connections, text });
  await sleep(holdMs);
  cut();
}

/** @returns a function that ends the watch: by how many MB the server has grown at most */
export function watchMemory(server) {
  const before = server.rssMb();
  let most = before;
  const sample = () => {
    most = Math.max(most, server.rssMb());
  };
  const sampling = setInterval(sample, SAMPLE_MS);
  return () => {
    sample();
    clearInterval(sampling);
    return Math.round(most - before);
  };
}
