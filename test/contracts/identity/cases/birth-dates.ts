/**
 * The date of birth of who turns `years` in `days` days, as the UTC date of `now` has it; 0 is
 * today.
 */
export function bornAgo(now: Date, years: number, days = 0): string {
  const day = new Date(Date.UTC(now.getUTCFullYear() - years, now.getUTCMonth(), now.getUTCDate() + days));
  return day.toISOString().slice(0, 10);
}
