/** How a request went. */
export interface Sample {
  /** By `performance.now()`. */
  sentAt: number;
  ms: number;
  /** `answered`: decided one way or the other; `unavailable`: 503 in the form of its channel; `none`: no answer. */
  outcome: 'answered' | 'unavailable' | 'none';
}

/** Everything that clients have met, and what was wrong with it. */
export class Answers {
  readonly samples: Sample[] = [];
  readonly wrong: string[] = [];
  /** Requests that were sent again, because there was no decision. */
  repeated = 0;

  add(sample: Sample): void {
    this.samples.push(sample);
  }

  /** Samples of requests that were sent since a moment. */
  since(moment: number): Sample[] {
    return this.samples.filter(({ sentAt }) => sentAt >= moment);
  }
}
