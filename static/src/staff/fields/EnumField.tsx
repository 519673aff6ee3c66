import { useRecordContext } from 'react-admin';
import { useLanguage } from '../../i18n/staff';
import { valueAt } from './valueAt';

/** The name of a code: `staff.kind.deposit`. */
export function EnumField({ source, of }: { source: string; of: string }) {
  const { t } = useLanguage();
  const value = valueAt(useRecordContext(), source);
  return value ? t.optional(`staff.${of}.${String(value)}`, String(value)) : '–';
}
