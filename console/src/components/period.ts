/**
 * Two days, both included, as the API takes a period; in the time zone of the browser. Days that are
 * no dates are left out: they come from the address of the page.
 */
export function periodOf(from?: string, to?: string): { from?: string; until?: string } | undefined {
  const start = dayOf(from);
  const end = dayOf(to);
  end?.setDate(end.getDate() + 1);
  if (!start && !end) return undefined;
  return { ...(start && { from: start.toISOString() }), ...(end && { until: end.toISOString() }) };
}

/** The first moment of a day such as `2026-01-31`. */
export function dayOf(text?: string): Date | undefined {
  const day = new Date(`${text}T00:00`);
  return Number.isNaN(day.getTime()) ? undefined : day;
}
