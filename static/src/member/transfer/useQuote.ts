import { useQuery } from '@tanstack/react-query';
import { type ApiError, toApiError } from '../../api/apiError';
import { api } from '../../api/client';
import { type GrantedQuote, isGranted, type Quote, type RefusedQuote } from '../../api/types';
import { useDebounced } from './useDebounced';

const TYPING_MS = 200;

export interface QuoteState {
  granted: GrantedQuote | null;
  refused: RefusedQuote | null;
  waiting: boolean;
  failure: ApiError | null;
  /** Whether a quote is being refreshed. */
  asking: boolean;
  again: () => void;
}

/** Returns the bank's quote for a transfer, refreshed after every event on the member's accounts. */
export function useQuote(from: string, to: string, minor: number, isComplete: boolean): QuoteState {
  const settled = useDebounced(minor, TYPING_MS);
  const isAsked = isComplete && settled === minor;
  const query = useQuery({
    queryKey: ['quote', from, to, minor],
    queryFn: ({ signal }) => api.quote({ from, to, amount: minor }, signal),
    enabled: isAsked,
  });
  const quote: Quote | undefined = isAsked && !query.isError ? query.data : undefined;
  const failure = isAsked && query.isError ? toApiError(query.error) : null;
  return {
    granted: quote && isGranted(quote) ? quote : null,
    refused: quote && !isGranted(quote) ? quote : null,
    waiting: isComplete && !quote && !failure,
    failure,
    asking: query.isFetching,
    again: () => void query.refetch(),
  };
}
