import type { Clock } from '../../src/config/clock';

/**
 * Goes with the system's time, and forward when told to: never backward, because the database has a
 * clock of its own.
 */
export class MovableClock implements Clock {
  private ahead = 0;

  now(): Date {
    return new Date(Date.now() + this.ahead);
  }

  advance(seconds: number): void {
    this.ahead += seconds * 1000;
  }

  /** Seconds since the epoch, as in tokens. */
  get seconds(): number {
    return Math.floor(this.now().getTime() / 1000);
  }
}
