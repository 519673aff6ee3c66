/**
 * Typed texts. A catalogue is a flat record of keys and texts, the same keys in every language. A text has placeholders in braces;
 * a text that depends on `count` has a form for each of the plural categories that its language needs.
 */
import { formatNumber } from '../format/numbers';
import type { member } from './en/member';
import type { shared } from './en/shared';
import type { staff } from './en/staff';
import { type Language, LOCALES } from './language';

export type Text = string | { readonly one: string; readonly other: string };
export type Catalogue = Readonly<Record<string, Text>>;

/** All texts of both parts. Only their types are used here: neither part loads the other's. */
type Texts = typeof shared & typeof member & typeof staff;
/** react-admin's own texts, whose types do not list their keys; a test does. */
type ReactAdminKey = `ra.${string}`;
export type Key = (keyof Texts & string) | ReactAdminKey;
export type SharedKey = keyof typeof shared;
export type MemberKey = SharedKey | keyof typeof member;
export type StaffKey = SharedKey | keyof typeof staff | ReactAdminKey;

type Placeholders<T extends string> = T extends `${string}{${infer Name}}${infer Rest}`
  ? Name | Placeholders<Rest>
  : never;
type PlaceholdersOf<T> = T extends string
  ? Placeholders<T>
  : T extends { other: infer Other extends string }
    ? Placeholders<Other> | 'count'
    : never;
type Values<K extends Key> = K extends keyof Texts
  ? [PlaceholdersOf<Texts[K]>] extends [never]
    ? []
    : [Record<PlaceholdersOf<Texts[K]>, string | number>]
  : [values?: Record<string, string | number>];

export interface Translate<Keys extends Key = Key> {
  <K extends Keys>(key: K, ...values: Values<K>): string;
  /** Returns the text of a key that is built from a code of the service, or `fallback` where the catalogue has none. */
  optional: (key: string, fallback: string, values?: Record<string, string | number>) => string;
}

/** Puts values in the place of their placeholders. Numbers are formatted; a placeholder without a value stays. */
export const fill = (text: string, values: Record<string, string | number>, language: Language) =>
  text.replace(/\{(\w+)\}/g, (placeholder, name: string) => {
    const value = values[name];
    return typeof value === 'number' ? formatNumber(value, language) : (value ?? placeholder);
  });

/** Returns the function that looks texts up in a catalogue. */
export function createTranslate<Keys extends Key>(language: Language, catalogue: Catalogue): Translate<Keys> {
  const plural = new Intl.PluralRules(LOCALES[language]);
  const format = (text: Text, values: Record<string, string | number> = {}) => {
    if (typeof text === 'string') return fill(text, values, language);
    const isOne = plural.select(Number(values.count)) === 'one';
    return fill(isOne ? text.one : text.other, values, language);
  };
  const translate = (key: string, values?: Record<string, string | number>) => format(catalogue[key] ?? key, values);
  const optional: Translate['optional'] = (key, fallback, values) => format(catalogue[key] ?? fallback, values);
  return Object.assign(translate, { optional });
}
