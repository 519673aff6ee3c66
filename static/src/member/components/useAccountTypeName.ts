import { useLanguage } from '../../i18n/member';

/** The names of a new bank's account types, which are translated. A name that the bank chose itself is not. */
const FIRST_NAMES: Record<string, string> = {
  basic: 'Basic',
  ordinary: 'Ordinary',
  salary: 'Salary',
  savings: 'Savings',
};

/** Returns the name of an account type. */
export function useAccountTypeName() {
  const { t } = useLanguage();
  return ({ code, name }: { code: string; name: string }) =>
    FIRST_NAMES[code] === name ? t.optional(`type.${code}`, name) : name;
}
