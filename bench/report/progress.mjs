const startedAt = performance.now();
const isTerminal = process.stderr.isTTY;
let shown = false;

/** One line that says what runs now; on a terminal the next one takes its place. */
export function progress(text) {
  const line = `[${((performance.now() - startedAt) / 1000).toFixed(0).padStart(3)} s] ${text}`;
  if (isTerminal) {
    process.stderr.write(`\r\x1b[2K${line}`);
    shown = true;
  } else process.stderr.write(`${line}\n`);
}

/** Leaves the progress line, for text that stays. */
export function endProgress() {
  if (isTerminal && shown) process.stderr.write('\r\x1b[2K');
  shown = false;
}

export const secondsSinceStart = () => (performance.now() - startedAt) / 1000;
