export interface ProgressOutput {
  isTTY?: boolean;
  write(text: string): unknown;
}

const REDRAW_MS = 200;
const LINE_MS = 5000;
const CLEAR = '\r\u001B[K';

/** Shows the progress: on a terminal in one line that is redrawn, elsewhere in a line every 5 s. */
export class Progress {
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly output: ProgressOutput,
    private readonly describe: () => string,
  ) {}

  start(): void {
    this.timer = setInterval(() => this.show(), this.output.isTTY ? REDRAW_MS : LINE_MS);
    this.timer.unref();
  }

  /** A line that stays. */
  print(line: string): void {
    this.clear();
    this.output.write(`${line}\n`);
  }

  stop(): void {
    clearInterval(this.timer);
    this.clear();
  }

  private show(): void {
    this.output.write(this.output.isTTY ? `${CLEAR}${this.describe()}` : `${this.describe()}\n`);
  }

  private clear(): void {
    if (this.output.isTTY) this.output.write(CLEAR);
  }
}

/** `12,345 rows, 3,400/s, 41 %`; the last part where the end is known. */
export function pace(rows: number, elapsedMs: number, share: number | null): string {
  const perSecond = elapsedMs > 0 ? Math.round((rows * 1000) / elapsedMs) : 0;
  return `${counted(rows, 'row')}, ${count(perSecond)}/s${share === null ? '' : `, ${Math.floor(share * 100)} %`}`;
}

export const count = (n: number): string => n.toLocaleString('en');

/** `1 row`, `2 rows` */
export const counted = (n: number, noun: string): string => `${count(n)} ${noun}${n === 1 ? '' : 's'}`;
