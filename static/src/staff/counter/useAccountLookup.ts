import { useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { toApiError } from '../../api/apiError';
import { fetchJson } from '../../api/http';
import type { AccountRecord } from '../api/records';

const SHORTEST = 3;
const WAIT_MS = 250;

/** Looks up an account while its number is typed. */
export function useAccountLookup(number: string) {
  const [debouncedNumber, setDebouncedNumber] = useState(number);
  useEffect(() => {
    const timer = setTimeout(() => setDebouncedNumber(number), WAIT_MS);
    return () => clearTimeout(timer);
  }, [number]);
  const { data, error, refetch } = useQuery({
    queryKey: ['counter', debouncedNumber],
    enabled: debouncedNumber.length >= SHORTEST,
    retry: false,
    queryFn: () => fetchAccount(debouncedNumber),
  });
  const current = debouncedNumber === number;
  return { account: current ? (data ?? undefined) : undefined, unknown: current && data === null && !error, refetch };
}

/** Returns the account, or `null` where no account has the number. */
async function fetchAccount(number: string): Promise<AccountRecord | null> {
  try {
    return await fetchJson<AccountRecord>('GET', `/admin/accounts/${encodeURIComponent(number)}`);
  } catch (error) {
    if (toApiError(error).status === 404) return null;
    throw error;
  }
}
