import type { Histogram } from 'prom-client';
import { type SpanStart, traced } from './tracing/tracing';

type Failure = 'failed' | 'unavailable';

export interface ObservedWorkOptions {
  duration: Histogram<'outcome'>;
  /** What its spans have in common. */
  span: Pick<SpanStart, 'kind' | 'attributes'>;
  /** Whether an error means that the other side is away. */
  failureOf: (error: unknown) => Failure;
}

/** Work at the edge of the process: every run has a duration, an outcome and, where tracing is on, a span. */
export class ObservedWork {
  private readonly succeeded: Histogram.Internal<'outcome'>;

  constructor(private readonly options: ObservedWorkOptions) {
    // a series that begins with its first failure shows no increase
    for (const outcome of ['ok', 'failed', 'unavailable']) options.duration.zero({ outcome });
    this.succeeded = options.duration.labels('ok');
  }

  /** @param name of the span: of a statement, a command or a call, never of what is read or written */
  async run<T>(name: string, work: () => Promise<T>, attributes?: SpanStart['attributes']): Promise<T> {
    const { span, duration, failureOf } = this.options;
    const startedAt = performance.now();
    try {
      const result = await traced(
        () => ({ name, kind: span.kind, attributes: { ...span.attributes, ...attributes } }),
        work,
      );
      this.succeeded.observe(secondsSince(startedAt));
      return result;
    } catch (error) {
      duration.observe({ outcome: failureOf(error) }, secondsSince(startedAt));
      throw error;
    }
  }
}

const secondsSince = (startedAt: number): number => (performance.now() - startedAt) / 1000;
