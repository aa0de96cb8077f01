const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** A span that ends with the step that `now` is in. */
const span = (step: 'HOUR' | 'DAY', length: number) => (now: number) => {
  const size = step === 'HOUR' ? HOUR : DAY;
  const end = Math.ceil((now + 1) / size) * size;
  return { step, from: new Date(end - length * size).toISOString(), until: new Date(end).toISOString() };
};

/** What the charts can show. */
export const spans = { day: span('HOUR', 24), week: span('DAY', 7), month: span('DAY', 30) };

export type Span = keyof typeof spans;
