import type { Tally, Timing } from './fast-metrics';
import { operationDuration, operations } from './metrics';

type Outcome = 'ok' | 'refused' | 'unavailable' | 'error';

/** The series of one operation on one channel, looked up once: a token check must not pay for labels. */
export class OperationMeter {
  private readonly duration: Timing;
  private readonly successes: Tally;
  private readonly failures = new Map<Outcome, Tally>();

  constructor(
    readonly channel: string,
    private readonly operation: string,
  ) {
    this.duration = operationDuration.timing({ channel, operation });
    this.successes = this.addOutcome('ok');
  }

  /** @param startedAt by `performance.now()` */
  succeeded(startedAt: number): void {
    this.duration.record((performance.now() - startedAt) / 1000);
    this.successes.count++;
  }

  /**
   * @param startedAt by `performance.now()`
   * @param status the HTTP status of the operation's error in the catalogue
   */
  failed(startedAt: number, status: number): void {
    this.duration.record((performance.now() - startedAt) / 1000);
    const outcome = status < 500 ? 'refused' : status === 500 ? 'error' : 'unavailable';
    const tally = this.failures.get(outcome) ?? this.addOutcome(outcome);
    this.failures.set(outcome, tally);
    tally.count++;
  }

  private addOutcome(outcome: Outcome): Tally {
    return operations.tally({ channel: this.channel, operation: this.operation, outcome });
  }
}

const channels = new Map<string, Map<string, OperationMeter>>();

/** @param operation a root field of the schema, or one of the words that stand for all others */
export function operationMeter(channel: string, operation: string): OperationMeter {
  const meters = channels.get(channel) ?? new Map<string, OperationMeter>();
  channels.set(channel, meters);
  const meter = meters.get(operation) ?? new OperationMeter(channel, operation);
  meters.set(operation, meter);
  return meter;
}
