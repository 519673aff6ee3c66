import { createContext, type ReactNode, useContext, useEffect, useMemo, useState } from 'react';
import type { Language } from '../format/money';
import { type Dictionary, en, type Key } from './en';
import { ko } from './ko';

const NAME = 'jangbu.language';
const dictionaries: Record<Language, Dictionary> = { en, ko };

/** The names in braces of a text. */
type Names<T extends string> = T extends `${string}{${infer Name}}${infer Rest}` ? Name | Names<Rest> : never;
type Values<K extends Key> = [Names<(typeof en)[K]>] extends [never]
  ? []
  : [Record<Names<(typeof en)[K]>, string | number>];

export type Translate = <K extends Key>(key: K, ...values: Values<K>) => string;

/** Puts values where the text has their names in braces. */
export const fill = (text: string, values: Record<string, string | number> = {}) =>
  text.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));

/** A text in a language. */
export const translate =
  (language: Language): Translate =>
  (key, ...values) =>
    fill(dictionaries[language][key], values[0]);

/** The language that was chosen, else the first of the browser's that there is. */
export function firstLanguage(stored: string | null, wanted: readonly string[]): Language {
  if (stored === 'ko' || stored === 'en') return stored;
  return wanted.map(tag => tag.slice(0, 2).toLowerCase()).find(tag => tag === 'ko' || tag === 'en') === 'ko'
    ? 'ko'
    : 'en';
}

const Context = createContext<{ language: Language; setLanguage: (language: Language) => void; t: Translate } | null>(
  null,
);

export function LanguageProvider({ children }: { children: ReactNode }) {
  const [language, choose] = useState(() => firstLanguage(localStorage.getItem(NAME), navigator.languages));
  useEffect(() => {
    document.documentElement.lang = language;
  }, [language]);
  const value = useMemo(() => {
    const setLanguage = (next: Language) => {
      localStorage.setItem(NAME, next);
      choose(next);
    };
    return { language, setLanguage, t: translate(language) };
  }, [language]);
  return <Context.Provider value={value}>{children}</Context.Provider>;
}

export function useLanguage() {
  const found = useContext(Context);
  if (!found) throw new Error('no LanguageProvider');
  return found;
}

/** The text for a code that the service may extend: the known one, else what the service says itself. */
export function known(t: Translate, prefix: string, code: string, otherwise: string): string {
  const key = `${prefix}.${code}`;
  return key in en ? (t as (key: string) => string)(key) : otherwise;
}
