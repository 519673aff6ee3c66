import { useQuery } from '@tanstack/react-query';
import { api } from '../../api/client';

/** What the bank says of itself. */
export const useBankMeta = () => useQuery({ queryKey: ['meta'], queryFn: api.meta, staleTime: Infinity });

/** The bank's time zone, in which its days are. No page is shown before it is known: another zone's days would be wrong. */
export function useTimeZone(): string {
  const { data } = useBankMeta();
  if (!data) throw new Error('a page is shown before the time zone of the bank is known');
  return data.time_zone;
}
