import { useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { toApiError } from '../../api/apiError';
import { fetchJson } from '../../api/http';
import type { AccountRecord } from '../api/records';

const SHORTEST = 3;
const WAIT_MS = 250;

/** Looks up an account while its number is typed. */
export function useAccountLookup(number: string) {
  const [asked, setAsked] = useState(number);
  useEffect(() => {
    const timer = setTimeout(() => setAsked(number), WAIT_MS);
    return () => clearTimeout(timer);
  }, [number]);
  const { data, error, refetch } = useQuery({
    queryKey: ['counter', asked],
    enabled: asked.length >= SHORTEST,
    retry: false,
    queryFn: () => lookUp(asked),
  });
  const current = asked === number;
  return { account: current ? (data ?? undefined) : undefined, unknown: current && data === null && !error, refetch };
}

/** Returns the account, or `null` where no account has the number. */
async function lookUp(number: string): Promise<AccountRecord | null> {
  try {
    return await fetchJson<AccountRecord>('GET', `/admin/accounts/${encodeURIComponent(number)}`);
  } catch (error) {
    if (toApiError(error).status === 404) return null;
    throw error;
  }
}
