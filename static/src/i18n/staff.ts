/** Texts of the staff's part, react-admin's own among them. */
import englishMessages from 'ra-language-english';
import { shared as enShared } from './en/shared';
import { staff as enStaff } from './en/staff';
import { useI18n } from './I18nProvider';
import { shared as koShared } from './ko/shared';
import { staff as koStaff } from './ko/staff';
import { reactAdmin as koReactAdmin } from './ko/staff/reactAdmin';
import type { Language } from './language';
import { flattenMessages } from './reactAdminMessages';
import type { Catalogue, StaffKey } from './translate';

export const staffCatalogues: Record<Language, Catalogue> = {
  en: { ...flattenMessages({ ra: englishMessages.ra }), ...enShared, ...enStaff },
  ko: { ...flattenMessages({ ra: koReactAdmin }), ...koShared, ...koStaff },
};

export const useLanguage = useI18n<StaffKey>;

/** The fields of a resource that have a name. */
type FieldOf<Resource extends string, K = StaffKey> = K extends `resources.${Resource}.fields.${infer Field}`
  ? Field
  : never;

/** Returns the names of a resource's fields. */
export function useFieldNames<Resource extends string>(resource: Resource) {
  const { t } = useLanguage();
  return (field: FieldOf<Resource>) => t.optional(`resources.${resource}.fields.${field}`, field);
}
