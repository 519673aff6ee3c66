import { createContext, type ReactNode, useContext, useEffect, useMemo, useState } from 'react';
import { initialLanguage, type Language, storeLanguage } from './language';
import { type Catalogue, createTranslate, type Key, type Translate } from './translate';

export interface I18n<Keys extends Key> {
  language: Language;
  setLanguage: (language: Language) => void;
  t: Translate<Keys>;
}

const Context = createContext<I18n<Key> | null>(null);

/** Provides the texts of one part in the chosen language, which the browser remembers. */
export function I18nProvider({
  catalogues,
  children,
}: {
  catalogues: Record<Language, Catalogue>;
  children: ReactNode;
}) {
  const [language, choose] = useState(initialLanguage);
  useEffect(() => {
    document.documentElement.lang = language;
  }, [language]);
  const value = useMemo(() => {
    const setLanguage = (next: Language) => {
      storeLanguage(next);
      choose(next);
    };
    return { language, setLanguage, t: createTranslate<Key>(language, catalogues[language]) };
  }, [language, catalogues]);
  return <Context.Provider value={value}>{children}</Context.Provider>;
}

/** Returns the language and its texts. Use the hook of the part: `i18n/shared`, `i18n/member` or `i18n/staff`. */
export function useI18n<Keys extends Key>(): I18n<Keys> {
  const found = useContext(Context);
  if (!found) throw new Error('there is no I18nProvider');
  return found;
}
