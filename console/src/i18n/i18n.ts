import i18next from 'i18next';
import { initReactI18next } from 'react-i18next';
import type { Texts } from './en';

export const languages = { en: 'English', vi: 'Tiếng Việt' } as const;
export type Language = keyof typeof languages;

declare module 'i18next' {
  interface CustomTypeOptions {
    resources: { translation: Texts };
  }
}

const STORAGE_KEY = 'console-language';

/** Each language is a chunk of its own. */
const load = { en: () => import('./en'), vi: () => import('./vi') };

const isLanguage = (text: string | null | undefined): text is Language => text === 'en' || text === 'vi';

export function currentLanguage(): Language {
  return isLanguage(i18next.language) ? i18next.language : 'en';
}

/** The language of the page as the browser has it, for dates: `en-GB` of a British one. */
export const currentLocale = (): string =>
  navigator.languages.find((tag) => tag.slice(0, 2) === currentLanguage()) ?? currentLanguage();

/** The language that was chosen, else the first of the browser's that there is. */
export async function startTranslations(): Promise<void> {
  const chosen = localStorage.getItem(STORAGE_KEY);
  const first = navigator.languages.map((tag) => tag.slice(0, 2)).find(isLanguage);
  const language = isLanguage(chosen) ? chosen : (first ?? 'en');
  const { texts } = await load[language]();
  await i18next.use(initReactI18next).init({
    lng: language,
    resources: { [language]: { translation: texts } },
    interpolation: { escapeValue: false },
  });
  document.documentElement.lang = language;
}

export async function changeLanguage(language: Language): Promise<void> {
  const { texts } = await load[language]();
  i18next.addResourceBundle(language, 'translation', texts);
  localStorage.setItem(STORAGE_KEY, language);
  await i18next.changeLanguage(language);
  document.documentElement.lang = language;
}
