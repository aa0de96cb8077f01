/** Bytes from which parsing takes so long that other requests would notice. */
const LARGE_BYTES = 65_536;

let previous: Promise<void> = Promise.resolve();

/**
 * Resolves at once for a usual body, and for each large one in a turn of the event loop of its own:
 * between any two of them the server goes on with everything else.
 */
export function turnToParse(bytes: Buffer): Promise<void> {
  if (bytes.length < LARGE_BYTES) return Promise.resolve();
  previous = previous.then(() => new Promise((resolve) => setImmediate(resolve)));
  return previous;
}
