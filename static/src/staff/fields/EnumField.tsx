import { useRecordContext } from 'react-admin';
import { useLanguage } from '../../i18n/staff';
import { valueAt } from './valueAt';

/** A text of a closed set, in the reader's language: `staff.kind.deposit`. */
export function EnumField({ source, of }: { source: string; of: string }) {
  const { t } = useLanguage();
  const value = valueAt(useRecordContext(), source);
  return value ? t.optional(`staff.${of}.${String(value)}`, String(value)) : '–';
}
