/** Texts of what both parts use. */
import { useI18n } from './I18nProvider';
import type { SharedKey } from './translate';

export const useLanguage = useI18n<SharedKey>;
