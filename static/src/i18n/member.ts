/** Texts of the members' part. */
import { member as enMember } from './en/member';
import { shared as enShared } from './en/shared';
import { useI18n } from './I18nProvider';
import { member as koMember } from './ko/member';
import { shared as koShared } from './ko/shared';
import type { Language } from './language';
import type { Catalogue, MemberKey } from './translate';

export const memberCatalogues: Record<Language, Catalogue> = {
  en: { ...enShared, ...enMember },
  ko: { ...koShared, ...koMember },
};

export const useLanguage = useI18n<MemberKey>;
