export type Language = 'ko' | 'en';

/** The name of each language in that language. */
export const LANGUAGE_NAMES: Record<Language, string> = { ko: '한국어', en: 'English' };

/** The BCP 47 tag by which `Intl` formats dates, numbers and plurals. */
export const LOCALES: Record<Language, string> = { ko: 'ko-KR', en: 'en-GB' };

const STORAGE_KEY = 'jangbu.language';

/** Returns the stored language, else the first of the browser's languages that there is. */
export function preferredLanguage(stored: string | null, wanted: readonly string[]): Language {
  if (stored === 'ko' || stored === 'en') return stored;
  const found = wanted.map(tag => tag.slice(0, 2).toLowerCase()).find(tag => tag === 'ko' || tag === 'en');
  return found === 'ko' ? 'ko' : 'en';
}

export const initialLanguage = () => preferredLanguage(localStorage.getItem(STORAGE_KEY), navigator.languages);
export const storeLanguage = (language: Language) => localStorage.setItem(STORAGE_KEY, language);
