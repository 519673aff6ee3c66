import { describe, expect, it } from 'vitest';
import { flattenMessages } from '../../src/i18n/reactAdminMessages';
import { staffCatalogues } from '../../src/i18n/staff';
import { createTranslate, type StaffKey } from '../../src/i18n/translate';
import { createI18nProvider } from '../../src/staff/providers/i18nProvider';

const provider = (language: 'en' | 'ko') =>
  createI18nProvider(language, createTranslate<StaffKey>(language, staffCatalogues[language]));

describe("react-admin's messages", () => {
  it('become texts of the catalogue', () => {
    const messages = { action: { edit: 'Edit', rows: '1 row |||| %{smart_count} rows' }, hello: 'Hello %{name}' };
    expect(flattenMessages(messages, 'ra.')).toEqual({
      'ra.action.edit': 'Edit',
      'ra.action.rows': { one: '1 row', other: '{count} rows' },
      'ra.hello': 'Hello {name}',
    });
  });
});

describe('the provider for react-admin', () => {
  it("finds react-admin's texts and the bank's", () => {
    expect(provider('en').translate('ra.action.cancel')).toBe('Cancel');
    expect(provider('ko').translate('ra.action.cancel')).toBe('취소');
    expect(provider('ko').translate('resources.members.fields.username')).toBe('아이디');
    expect(provider('ko').getLocale()).toBe('ko');
  });

  it('chooses a plural by smart_count', () => {
    expect(provider('en').translate('resources.members.name', { smart_count: 1 })).toBe('Member');
    expect(provider('en').translate('resources.members.name', { smart_count: 2 })).toBe('Members');
    expect(provider('en').translate('ra.action.bulk_actions', { smart_count: 3 })).toBe('3 items selected');
  });

  it('returns what react-admin gives as the default, else the key', () => {
    expect(provider('en').translate('resources.members.fields.nickname', { _: 'Nickname' })).toBe('Nickname');
    expect(provider('en').translate('A text that is translated already')).toBe('A text that is translated already');
  });
});
