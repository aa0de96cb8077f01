import { MovableClock } from './clock';

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
