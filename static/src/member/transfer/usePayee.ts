import { useQuery } from '@tanstack/react-query';
import { toApiError } from '../../api/apiError';
import { api } from '../../api/client';
import type { Payee } from '../../api/types';
import { hasWrongCheckDigits, isCompleteAccountNumber } from '../../format/accountNumber';
import { useDebounced } from './useDebounced';

const SHORTEST = 3;
/** A complete number is looked up almost at once, an incomplete one after a pause. */
const WHOLE_MS = 120;
const TYPING_MS = 700;

export interface PayeeLookup {
  payee: Payee | undefined;
  looking: boolean;
  unknown: boolean;
  /** Whether the check digits are wrong. */
  mistyped: boolean;
  error: unknown;
}

/** Looks up the owner of an account number while it is typed. */
export function usePayee(number: string): PayeeLookup {
  const debouncedNumber = useDebounced(number, isCompleteAccountNumber(number) ? WHOLE_MS : TYPING_MS);
  const mistyped = hasWrongCheckDigits(number);
  const isAsked = debouncedNumber === number && number.length >= SHORTEST && !mistyped;
  const query = useQuery({
    queryKey: ['payee', debouncedNumber],
    queryFn: ({ signal }) => api.payee(debouncedNumber, signal),
    enabled: isAsked,
    staleTime: 60_000,
  });
  const unknown = isAsked && query.isError && toApiError(query.error).status === 404;
  return {
    payee: isAsked ? query.data : undefined,
    looking: number.length >= SHORTEST && !mistyped && (!isAsked || query.isLoading),
    unknown,
    mistyped,
    error: isAsked && query.isError && !unknown ? query.error : null,
  };
}
