/** Every text exists in both languages, with the same placeholders, and is used. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { preferredLanguage } from '../src/i18n/language';
import { memberCatalogues } from '../src/i18n/member';
import { staffCatalogues } from '../src/i18n/staff';
import { type Catalogue, createTranslate, fill, type MemberKey, type StaffKey, type Text } from '../src/i18n/translate';

const SRC = join(import.meta.dirname, '../src');

/** The sources of a part, without the catalogues. */
const sources = (...folders: string[]) =>
  folders
    .flatMap(folder =>
      readdirSync(join(SRC, folder), { recursive: true, encoding: 'utf8' }).map(name => join(folder, name)),
    )
    .filter(name => /\.tsx?$/.test(name) && !/^i18n\/(en|ko)\//.test(name) && !name.endsWith('schema.d.ts'))
    .map(name => readFileSync(join(SRC, name), 'utf8'))
    .join('\n');

const SHARED = ['api', 'components', 'format', 'i18n', 'live', 'proof', 'session', 'submissions', 'theme'];
const forms = (text: Text) => (typeof text === 'string' ? [text] : [text.one, text.other]);
const placeholders = (text: Text) =>
  [...new Set(forms(text).flatMap(form => [...form.matchAll(/\{(\w+)\}/g)].map(match => match[1])))].sort();

const PARTS: [string, Record<'en' | 'ko', Catalogue>, string][] = [
  ["the members' part", memberCatalogues, sources('member', ...SHARED)],
  ["the staff's part", staffCatalogues, sources('staff', ...SHARED)],
];

/** Fields of audited values that the service names and no page does. */
const AUDITED_FIELDS = new Set([
  'same_owner_exempt',
  'same_type_exempt',
  'debits',
  'credits',
  'close',
  'keep_rest',
  'at_most',
  'type',
  'steps',
  'position',
  'text',
  'label',
  'date',
]);

describe.each(PARTS)('the texts of %s', (_, { en, ko }, code) => {
  it('exist in both languages', () => {
    expect(Object.keys(ko).sort()).toEqual(Object.keys(en).sort());
    for (const catalogue of [en, ko])
      for (const [key, text] of Object.entries(catalogue))
        for (const form of forms(text)) expect(key.startsWith('ra.') ? form : form.trim(), key).not.toBe('');
  });

  it('have the same placeholders in both languages', () => {
    for (const [key, text] of Object.entries(en)) {
      // react-admin's translations leave out what their language does not need.
      if (key.startsWith('ra.')) continue;
      // Korean has no plural, so that a Korean text may use the number that only the English plural depends on.
      const [english, korean] = [placeholders(text), placeholders(ko[key] ?? '')].map(names =>
        names.filter(name => name !== 'count' || typeof text === 'string'),
      );
      expect(korean, key).toEqual(english);
    }
  });

  it('are used', () => {
    const literals = new Set([...code.matchAll(/['"`]([\w.-]+)['"`]/g)].map(match => match[1]));
    // A key that is built from a code, such as `audit.action.${action}`, uses every key of that form.
    const patterns = [...code.matchAll(/`((?:[a-z][\w-]*\.)+)\$\{/g)].map(match => match[1] ?? '');
    const shown = [...code.matchAll(/\bof="(\w+)"/g)].map(match => `staff.${match[1]}.`);
    const built = [...patterns.filter(prefix => prefix !== 'resources.' && prefix !== 'staff.'), ...shown];
    const isUsed = (key: string) => {
      const field = /^resources\.[\w-]+\.(?:fields\.)?(.+)$/.exec(key)?.[1];
      if (field) return field === 'name' || literals.has(field) || AUDITED_FIELDS.has(field);
      return literals.has(key) || built.some(prefix => key.startsWith(prefix));
    };
    const own = Object.keys(en).filter(key => !key.startsWith('ra.'));
    expect(own.filter(key => !isUsed(key))).toEqual([]);
  });

  it('exist for every key in the sources', () => {
    const named = [...code.matchAll(/\bt\(\s*'([^']+)'/g)].map(match => match[1] ?? '');
    expect(named.length).toBeGreaterThan(50);
    expect([...new Set(named)].filter(key => en[key] === undefined)).toEqual([]);
  });
});

describe('a translation', () => {
  const member = createTranslate<MemberKey>('en', memberCatalogues.en);
  const staff = {
    en: createTranslate<StaffKey>('en', staffCatalogues.en),
    ko: createTranslate<StaffKey>('ko', staffCatalogues.ko),
  };

  it('puts in values, and formats numbers', () => {
    expect(member('overview.hello', { name: 'Mina' })).toBe('Hello, Mina');
    expect(fill('{a} {b}', { a: 1_234.5 }, 'en')).toBe('1,234.5 {b}');
    expect(fill('{a}', { a: '1234' }, 'ko')).toBe('1234');
  });

  it('chooses the plural of its language', () => {
    expect(staff.en('staff.rows', { count: 1 })).toBe('1 row');
    expect(staff.en('staff.rows', { count: 0 })).toBe('0 rows');
    expect(staff.en('staff.rows', { count: 12_345 })).toBe('12,345 rows');
    expect(staff.ko('staff.rows', { count: 1 })).toBe('1건');
  });

  it('falls back where the catalogue has no text for a code', () => {
    expect(staff.en.optional('audit.action.session_created', 'x')).toBe('signed in');
    expect(staff.en.optional('audit.action.unheard_of', 'unheard.of')).toBe('unheard.of');
  });
});

describe('the preferred language', () => {
  it.each([
    [null, ['ko-KR', 'en'], 'ko'],
    [null, ['en-GB', 'ko'], 'en'],
    [null, ['de', 'ko'], 'ko'],
    [null, ['fr'], 'en'],
    ['ko', ['en'], 'ko'],
    ['xx', ['ko'], 'ko'],
  ])('of %j and %j is %s', (stored, wanted, language) => expect(preferredLanguage(stored, wanted)).toBe(language));
});
