import { useQuery } from '@tanstack/react-query';
import { toApiError } from '../../api/apiError';
import { fetchJson } from '../../api/http';
import type { Transfer } from '../../api/types';

/** The id of a hold: the id of its command and, among linked transfers, the step's number. */
const ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}(\.\d{1,2})?$/i;

/** Looks up an open hold once its id is complete. */
export function useHoldLookup(id: string) {
  const isWhole = ID.test(id);
  const { data, error } = useQuery({
    queryKey: ['counter', 'hold', id],
    enabled: isWhole,
    retry: false,
    queryFn: () => fetchJson<Transfer>('GET', `/transfers/${encodeURIComponent(id)}`),
  });
  const hold = isWhole && data?.status === 'held' ? data : undefined;
  const isMissing = Boolean(error && toApiError(error).status === 404) || Boolean(data && data.status !== 'held');
  return { hold, unknown: isWhole && isMissing };
}
