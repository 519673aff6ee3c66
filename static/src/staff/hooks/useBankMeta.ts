import { useQuery } from '@tanstack/react-query';
import { api } from '../../api/client';

/** Returns the bank's facts, such as its time zone and currencies. */
export const useBankMeta = () => useQuery({ queryKey: ['meta'], queryFn: api.meta, staleTime: Infinity });

/** Returns the bank's time zone. No page is rendered before it is known. */
export function useTimeZone(): string {
  const { data } = useBankMeta();
  if (!data) throw new Error('a page is shown before the time zone of the bank is known');
  return data.time_zone;
}
