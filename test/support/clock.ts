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

/**
 * Stands still until it is told to move, so that every limit is met to the millisecond. A day
 * ahead: never behind the database.
 */
export class StillClock extends MovableClock {
  private at = Date.now() + 86_400_000;

  override now(): Date {
    return new Date(this.at);
  }

  override advance(seconds: number): void {
    this.at += seconds * 1000;
  }
}
