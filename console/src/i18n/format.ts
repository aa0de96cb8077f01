import { useTranslation } from 'react-i18next';
import { currentLocale } from './i18n';

const STEPS = [
  ['year', 31_536_000],
  ['month', 2_592_000],
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
] as const;

/** Dates and numbers as the language of the page writes them. */
export function useFormat() {
  useTranslation(); // renders again in another language
  const locale = currentLocale();
  const dateTime = new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'short' });
  const day = new Intl.DateTimeFormat(locale, { dateStyle: 'medium' });
  const relative = new Intl.RelativeTimeFormat(locale, { numeric: 'auto' });
  const number = new Intl.NumberFormat(locale);
  return {
    dateTime: (at: string) => dateTime.format(new Date(at)),
    day: (date: Date) => day.format(date),
    number: (value: number) => number.format(value),
    ago: (at: string) => {
      const seconds = (new Date(at).getTime() - Date.now()) / 1000;
      const step = STEPS.find(([, length]) => Math.abs(seconds) >= length);
      return step ? relative.format(Math.round(seconds / step[1]), step[0]) : relative.format(0, 'second');
    },
  };
}
