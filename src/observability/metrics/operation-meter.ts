import type { Tally, Timing } from './fast-metrics';
import { operationDuration, operations } from './metrics';

type Outcome = 'ok' | 'refused' | 'unavailable' | 'error';

/** The series of one operation on one channel, looked up once: a token check must not pay for labels. */
class OperationMeter {
  private readonly duration: Timing;
  private readonly outcomes = new Map<Outcome, Tally>();

  constructor(
    private readonly channel: string,
    private readonly operation: string,
  ) {
    this.duration = operationDuration.timing({ channel, operation });
  }

  /** @param startedAt by `performance.now()` */
  record(startedAt: number, outcome: Outcome): void {
    this.duration.record((performance.now() - startedAt) / 1000);
    const tally = this.outcomes.get(outcome) ?? this.addOutcome(outcome);
    tally.count++;
  }

  private addOutcome(outcome: Outcome): Tally {
    const tally = operations.tally({ channel: this.channel, operation: this.operation, outcome });
    this.outcomes.set(outcome, tally);
    return tally;
  }
}

const channels = new Map<string, Map<string, OperationMeter>>();

/** @param operation a root field of the schema, or one of the words that stand for all others */
export function operationMeter(channel: string, operation: string): OperationMeter {
  return channels.get(channel)?.get(operation) ?? addMeter(channel, operation);
}

function addMeter(channel: string, operation: string): OperationMeter {
  const meters = channels.get(channel) ?? new Map<string, OperationMeter>();
  channels.set(channel, meters);
  const meter = new OperationMeter(channel, operation);
  meters.set(operation, meter);
  return meter;
}

/** @param status the HTTP status of the operation's error in the catalogue; none without an error */
export function outcomeOf(status: number | undefined): Outcome {
  if (status === undefined) return 'ok';
  if (status < 500) return 'refused';
  return status === 500 ? 'error' : 'unavailable';
}
