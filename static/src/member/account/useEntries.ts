import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useCallback, useEffect, useMemo } from 'react';
import { api } from '../../api/client';
import type { Entry } from '../../api/types';

const PAGE = 100;
/** As many as the service tells at a time: what is older is read through faster. */
const OLDER_PAGE = 200;

/**
 * The newest entries before the older ones, each once; `null` when some between them are missing. A page of a search can be
 * short, or empty, and not be the last.
 */
export function mergePages(newest: Entry[], older: Entry[], isWhole: boolean): Entry[] | null {
  const last = newest.at(-1);
  const first = older[0];
  if (isWhole || !first) return newest;
  if (!last) return older;
  if (last.position > first.position) return null;
  return [...newest, ...older.filter(entry => entry.position < last.position)];
}

/**
 * The entries of a period with a text in them, newest first: those that a file of them has, too, as the service finds both. The
 * first page is asked for whenever something happens; older pages, which do not change, only when they are wanted. With
 * `all`, as for a search and for paper, everything comes, page by page.
 */
export function useEntries(number: string, from: string, to: string, text: string, all: boolean) {
  const period = { limit: PAGE, from: from || undefined, to: to || undefined, text: text || undefined };
  const newest = useQuery({
    queryKey: ['entries', number, from, to, text],
    queryFn: () => api.entries(number, period),
    placeholderData: before => before,
  });
  const pages = useInfiniteQuery({
    queryKey: ['older', number, from, to, text],
    queryFn: ({ pageParam }) => api.entries(number, { ...period, limit: OLDER_PAGE, cursor: pageParam }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: page => page.next ?? undefined,
    staleTime: Infinity,
    enabled: newest.data?.has_more === true,
  });
  const { hasNextPage, isFetching, fetchNextPage, refetch } = pages;
  useEffect(() => {
    if (all && hasNextPage && !isFetching) void fetchNextPage();
  }, [all, hasNextPage, isFetching, fetchNextPage]);

  const older = useMemo(() => pages.data?.pages.flatMap(page => page.data) ?? [], [pages.data]);
  const entries = useMemo(
    () => newest.data && mergePages(newest.data.data, older, !newest.data.has_more),
    [newest.data, older],
  );
  const isTorn = entries === null;
  useEffect(() => {
    if (isTorn) void refetch();
  }, [isTorn, refetch]);
  const more = useCallback(() => void fetchNextPage(), [fetchNextPage]);
  return {
    entries: isTorn ? newest.data?.data : entries,
    error: newest.error ?? pages.error,
    retry: () => void (newest.error ? newest.refetch() : refetch()),
    hasMore: newest.data?.has_more === true && hasNextPage,
    isFetching,
    more,
  };
}
