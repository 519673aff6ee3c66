import english from 'ra-language-english';
import { describe, expect, it } from 'vitest';
import { fill, firstLanguage, translate } from '../src/i18n';
import { en } from '../src/i18n/en';
import { ko } from '../src/i18n/ko';
import { staffEnglish } from '../src/staff/messages/en';
import { staffKorean } from '../src/staff/messages/ko';
import { raKorean } from '../src/staff/messages/react-admin-ko';

const leaves = (tree: object, path = ''): [string, string][] =>
  Object.entries(tree).flatMap(([name, value]) =>
    typeof value === 'string' ? [[path + name, value] as [string, string]] : leaves(value as object, `${path}${name}.`),
  );
const names = (text: string) => [...new Set([...text.matchAll(/%?\{(\w+)\}/g)].map(match => match[1]))].sort();

describe('both languages', () => {
  it('have the same texts', () => {
    expect(Object.keys(ko).sort()).toEqual(Object.keys(en).sort());
    expect(
      leaves(staffKorean)
        .map(([key]) => key)
        .sort(),
    ).toEqual(
      leaves(staffEnglish)
        .map(([key]) => key)
        .sort(),
    );
    expect(
      leaves(raKorean)
        .map(([key]) => key)
        .sort(),
    ).toEqual(
      leaves(english.ra)
        .map(([key]) => key)
        .sort(),
    );
  });

  it.each(Object.keys(en) as (keyof typeof en)[])('%s has the same values in both, and is said', key => {
    expect(names(ko[key])).toEqual(names(en[key]));
    expect(ko[key].trim()).not.toBe('');
  });

  it("use the same values in the staff's texts", () => {
    const korean = new Map(leaves(staffKorean));
    for (const [key, text] of leaves(staffEnglish)) expect(names(korean.get(key)!), key).toEqual(names(text));
  });
});

describe('a text', () => {
  it('takes its values', () => {
    expect(translate('en')('overview.hello', { name: 'Mina' })).toBe('Hello, Mina');
    expect(fill('{a} {b}', { a: 1 })).toBe('1 {b}');
  });
});

describe('the first language', () => {
  it.each([
    [null, ['ko-KR', 'en'], 'ko'],
    [null, ['en-GB', 'ko'], 'en'],
    [null, ['de', 'ko'], 'ko'],
    [null, ['fr'], 'en'],
    ['ko', ['en'], 'ko'],
    ['xx', ['ko'], 'ko'],
  ])('of %j and %j is %s', (stored, wanted, language) => expect(firstLanguage(stored, wanted)).toBe(language));
});
