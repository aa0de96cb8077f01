import { type IncomingHttpHeaders, request } from 'node:http';
import { type EchoUpstream, startEchoUpstream } from './echo-upstream';
import { type FakeKong, startFakeKong } from './fake-kong';
import { type Randomness, realRandomness } from './randomness';
import { isRecording, type Recording, type Step, steps } from './recordings';

interface LiveAnswer {
  status: number;
  headers: Record<string, string>;
  body: string;
}

export type Played = { answers: LiveAnswer[] } | { error: string };

const RECORDED_UPSTREAM_PORT = 9055;
const RECORDED_PROXY_PORT = '8000';
/** How long the recorder waited, shortened. */
const CLIENT_TIMEOUT_MS = 300;

/**
 * Plays every recorded request, in order, against one test gateway. The gateway's clock stands at
 * the recorded time, and what is random in Kong (ids, keys, secrets, request ids) is taken from the
 * recording, so that answers can be compared as they are.
 */
export async function playAll(): Promise<Map<number, Played>> {
  const upstream = await startEchoUpstream();
  const player = new Player(upstream);
  try {
    return await player.play();
  } finally {
    await player.close();
    await upstream.close();
  }
}

class Player {
  private at = 0;
  private made: Partial<Record<keyof Randomness, string>> = {};
  private gateway!: FakeKong;

  constructor(private readonly upstream: EchoUpstream) {}

  async play(): Promise<Map<number, Played>> {
    const from = (name: keyof Randomness) => () => this.made[name] ?? realRandomness[name]();
    this.gateway = await startFakeKong({
      clock: { now: () => new Date(this.at * 1000) },
      dial: (host, port) => ({
        host,
        port: port === RECORDED_UPSTREAM_PORT ? Number(new URL(this.upstream.url).port) : port,
      }),
      randomness: { id: from('id'), key: from('key'), secret: from('secret'), requestId: from('requestId') },
    });
    const played = new Map<number, Played>();
    for (const step of steps) {
      this.at = step.at;
      this.made = isRecording(step) ? madeBy(step) : {};
      if (isRecording(step)) await this.prepare(step);
      const result = await this.perform(step);
      if (isRecording(step)) played.set(step.n, result);
      if (isRecording(step) && step.first === 'hang') this.gateway.resume();
    }
    return played;
  }

  async close(): Promise<void> {
    await this.gateway.stop();
  }

  private async prepare({ first }: Recording): Promise<void> {
    if (first === 'hangDatabase') this.gateway.hangDatabase(20);
    else if (first === 'failAfter') this.gateway.failNext(1, 500, 'after');
    else if (first === 'hangAfter') this.gateway.hangNext(1, 'after');
    else if (first) await this.gateway[first]();
  }

  private async perform(step: Step): Promise<Played> {
    try {
      if (!isRecording(step)) return { answers: [await this.send(step)] };
      if (step.recreated) return { answers: await this.recreate(step) };
      return { answers: await Promise.all(Array.from({ length: step.times ?? 1 }, () => this.send(step))) };
    } catch (error) {
      return { error: (error as NodeJS.ErrnoException).code ?? String(error) };
    }
  }

  /** Makes an entity, deletes it and makes it again. */
  private async recreate(step: Recording): Promise<LiveAnswer[]> {
    const make = { ...step, headers: 'json', body: '{}' } as const;
    const first = await this.send(make);
    await this.send({ ...step, method: 'DELETE' });
    return [first, await this.send(make)];
  }

  private send(step: Step): Promise<LiveAnswer> {
    const { port, hostname } = new URL(step.on === 'admin' ? this.gateway.adminUrl : this.gateway.proxyUrl);
    const body = bodyOf(step);
    const given = step.headers === 'json' ? { 'Content-Type': 'application/json' } : step.headers;
    return new Promise((resolve, reject) => {
      const sent = request(
        { hostname, port, method: step.method, path: step.path, agent: false, headers: { Host: hostname, ...given } },
        async (response) => {
          const chunks: Buffer[] = [];
          for await (const chunk of response) chunks.push(chunk);
          const text = Buffer.concat(chunks).toString('utf8');
          resolve({
            status: response.statusCode ?? 0,
            headers: comparable(response.headers),
            body: this.asRecorded(text, step),
          });
        },
      );
      if (isRecording(step) && step.error === 'CLIENT_TIMEOUT') {
        sent.setTimeout(CLIENT_TIMEOUT_MS, () =>
          sent.destroy(Object.assign(new Error('timeout'), { code: 'CLIENT_TIMEOUT' })),
        );
      }
      sent.once('error', reject);
      sent.end(body);
    });
  }

  /** The one address of this run that the upstream is told becomes that of the recording. */
  private asRecorded(text: string, { on }: Step): string {
    if (on === 'admin') return text;
    const { port } = new URL(this.gateway.proxyUrl);
    return text.replace(`["X-Forwarded-Port","${port}"]`, `["X-Forwarded-Port","${RECORDED_PROXY_PORT}"]`);
  }
}

function bodyOf(step: Step): Buffer | undefined {
  if (isRecording(step) && step.bodyHex !== undefined) return Buffer.from(step.bodyHex, 'hex');
  if (isRecording(step) && step.bodyBytes !== undefined) return Buffer.alloc(step.bodyBytes, 'x');
  return step.body === undefined ? undefined : Buffer.from(step.body);
}

/** What Kong made by chance in this exchange, read from its answer. */
function madeBy({ json, part, answerHeaders, times, recreated }: Recording): Partial<Record<keyof Randomness, string>> {
  if (times || recreated) return {};
  const members = { ...json, ...part } as Record<string, unknown>;
  const own = (name: string) => (typeof members[name] === 'string' ? { [name]: members[name] } : {});
  const requestId = answerHeaders?.['x-kong-request-id'];
  return { ...own('id'), ...own('key'), ...own('secret'), ...(requestId === undefined ? {} : { requestId }) };
}

const VOLATILE = new Set(['date', 'connection', 'keep-alive']);

function comparable(headers: IncomingHttpHeaders): Record<string, string> {
  const kept = Object.entries(headers).filter(([name]) => !VOLATILE.has(name));
  return Object.fromEntries(kept.map(([name, value]) => [name, name.endsWith('-latency') ? '*' : String(value)]));
}
