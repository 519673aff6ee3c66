import type { I18nProvider } from 'react-admin';
import type { Language } from '../../i18n/language';
import type { StaffKey, Translate } from '../../i18n/translate';

/**
 * Lets react-admin use the catalogue of the staff's part.
 *
 * react-admin gets a new provider when the language changes. It passes a fallback text as `_` and the number of a
 * plural as `smart_count`.
 */
export const createI18nProvider = (language: Language, t: Translate<StaffKey>): I18nProvider => ({
  translate: (key, options = {}) => {
    const { _: fallback, smart_count: count, ...values } = options as Record<string, string | number>;
    return t.optional(key, String(fallback ?? key), count === undefined ? values : { ...values, count });
  },
  changeLocale: () => Promise.resolve(),
  getLocale: () => language,
});
