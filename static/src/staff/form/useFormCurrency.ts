import { useQuery } from '@tanstack/react-query';
import { useRecordContext } from 'react-admin';
import { useWatch } from 'react-hook-form';
import { api } from '../../api/client';

/** Returns the currency of the form's amounts: the record's, or the selected one. */
export function useFormCurrency(): { currency: string | undefined; scale: number } {
  const record = useRecordContext();
  const chosen = useWatch({ name: 'currency' }) as string | null | undefined;
  const known = useQuery({ queryKey: ['meta'], queryFn: api.meta, staleTime: Infinity }).data?.currencies;
  const currency = chosen ?? (record?.currency as string | undefined);
  const scale =
    (record?.scale as number | null | undefined) ?? known?.find(({ code }) => code === currency)?.scale ?? 0;
  return { currency, scale };
}
