/** Waits before a further attempt: longer each time, until the browser is online again, or the signal. */
export function pause(failures: number, signal: AbortSignal): Promise<void> {
  const delay = Math.min(30_000, 500 * 2 ** failures) * (0.5 + Math.random() / 2);
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      globalThis.removeEventListener?.('online', done);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, delay);
    globalThis.addEventListener?.('online', done);
    signal.addEventListener('abort', done);
    if (signal.aborted) done();
  });
}
