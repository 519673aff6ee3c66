import type { I18nProvider } from 'react-admin';
import type { Language } from '../../i18n/language';
import type { StaffKey, Translate } from '../../i18n/translate';

/**
 * Lets react-admin look its texts up in the catalogue of the staff's part.
 *
 * The language changes elsewhere: then react-admin gets another provider. Its names for two options are `_`, the text where the
 * catalogue has none, and `smart_count`, the number that decides about the plural.
 */
export const createI18nProvider = (language: Language, t: Translate<StaffKey>): I18nProvider => ({
  translate: (key, options = {}) => {
    const { _: fallback, smart_count: count, ...values } = options as Record<string, string | number>;
    return t.optional(key, String(fallback ?? key), count === undefined ? values : { ...values, count });
  },
  changeLocale: () => Promise.resolve(),
  getLocale: () => language,
});
