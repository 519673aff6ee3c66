import { useRecordContext } from 'react-admin';
import { type InCurrency, Money } from './Money';
import { valueAt } from './valueAt';

/** An amount of the record. */
export function MoneyField({ source }: { source: string }) {
  const record = useRecordContext();
  return <Money minor={valueAt(record, source) as number | null} of={(record ?? {}) as InCurrency} />;
}
