import { ageAt } from '../../services/validation';

const TEXT = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?)?\s?(Z|UTC|[+-]\d\d(?::?\d\d)?)?$/i;

/**
 * An instant as files and databases write it: a date or a date with time, `T` or a space between,
 * with or without a zone, which is UTC by default. @returns it in UTC with
 * microseconds, or null when it is no instant
 */
export function instant(text: string): string | null {
  const [, date = '', hour = '00', minute = '00', second = '00', fraction = '', zone = 'Z'] = TEXT.exec(text) ?? [];
  if (!date || ageAt(date, new Date(0)) === null) return null;
  const offset = /^(z|utc)$/i.test(zone) ? 'Z' : `${zone.slice(0, 3)}:${zone.slice(3).replace(':', '') || '00'}`;
  const whole = new Date(`${date}T${hour}:${minute}:${second}${offset}`);
  if (Number.isNaN(whole.getTime()) || whole.getUTCFullYear() < 1 || whole.getUTCFullYear() > 9999) return null;
  return `${whole.toISOString().slice(0, 19)}.${fraction.slice(0, 6).padEnd(6, '0')}Z`;
}

/** The same with milliseconds, the usual precision, where that loses nothing. */
export const shortInstant = (microseconds: string): string => microseconds.replace(/000Z$/, 'Z');
