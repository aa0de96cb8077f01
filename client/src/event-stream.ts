import { dataOf, type IdentityApi } from './api.js';
import type { StreamRequest } from './types.js';

/** The server sends something every 12 seconds; a longer silence is a connection that is lost. */
const SILENCE_MS = 30_000;

type Result = { data?: Record<string, unknown> | null; errors?: readonly unknown[] };

export interface StreamOptions {
  api: IdentityApi;
  request: StreamRequest;
  accessToken: string;
  signal: AbortSignal;
  /** Called when the server has accepted the subscription. */
  onOpen(): void;
}

/**
 * The results of one subscription, over the GraphQL over SSE protocol; ends when the server ends it.
 * @throws IdentityError when the server refuses; another error when the connection is lost
 */
export async function* readStream(options: StreamOptions): AsyncGenerator<Result> {
  const { api, request, accessToken, signal, onOpen } = options;
  const connection = new AbortController();
  const abort = () => connection.abort();
  signal.addEventListener('abort', abort);
  let watchdog = setTimeout(abort, SILENCE_MS);
  try {
    const headers = { accept: 'text/event-stream', authorization: `Bearer ${accessToken}` };
    const response = await api.send('/stream', headers, request, connection.signal);
    if (!response.headers.get('content-type')?.startsWith('text/event-stream')) {
      dataOf(await response.json());
      throw new Error('The server did not open a stream');
    }
    onOpen();
    const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
    let text = '';
    for (;;) {
      const { value, done } = await reader.read();
      if (done) throw new Error('The stream broke off');
      clearTimeout(watchdog);
      watchdog = setTimeout(abort, SILENCE_MS);
      const blocks = (text + value).split('\n\n');
      text = blocks.pop()!;
      for (const block of blocks) {
        if (block.startsWith('event: complete')) return;
        const data = /^data: (.+)$/m.exec(block)?.[1];
        if (data) yield JSON.parse(data) as Result;
      }
    }
  } finally {
    clearTimeout(watchdog);
    signal.removeEventListener('abort', abort);
    connection.abort();
  }
}
