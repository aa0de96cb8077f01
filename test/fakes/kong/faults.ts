/** Whether a failing call has no effect, or only its answer is lost. */
export type FaultMoment = 'before' | 'after';

export type Fault =
  /** No failure: a request that the failures after it wait for. */
  | { kind: 'none'; moment: 'after' }
  | { kind: 'status'; status: number; moment: FaultMoment }
  | { kind: 'html'; status: number; moment: FaultMoment }
  | { kind: 'reset'; moment: FaultMoment }
  | { kind: 'hang'; moment: FaultMoment };

/**
 * The failures that wait for the next requests of one listener, and the gate that all of them stand
 * at while it hangs.
 */
export class Faults {
  /** Requests of this method do not fail, and take no failure away from others. */
  spared: string | undefined;
  /** Requests that stand at the gate. */
  waiting = 0;
  private readonly queue: Fault[] = [];
  private gate: Promise<void> | null = null;
  private openGate: () => void = () => {};

  add(count: number, fault: Fault): void {
    for (let i = 0; i < count; i += 1) this.queue.push(fault);
  }

  next(method: string | undefined): Fault | undefined {
    return method === this.spared ? undefined : this.queue.shift();
  }

  hang(): void {
    this.gate ??= new Promise((resolve) => {
      this.openGate = resolve;
    });
  }

  /** What hangs goes on and is answered, unless the client has left; it takes effect either way. */
  resume(): void {
    this.openGate();
    this.gate = null;
  }

  clear(): void {
    this.queue.length = 0;
    this.resume();
  }

  async passed(): Promise<void> {
    this.waiting += 1;
    await this.gate;
    this.waiting -= 1;
  }
}
