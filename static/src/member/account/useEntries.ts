import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useCallback, useEffect, useMemo } from 'react';
import { api } from '../../api/client';
import type { Entry } from '../../api/types';

const PAGE = 100;
/** The largest page of the service, for reading older entries faster. */
const OLDER_PAGE = 200;

/**
 * Joins the newest entries and the older ones without repetition. Returns `null` when entries between them are missing.
 * A page of a search may be short or empty without being the last.
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
 * Returns the entries of a period that contain a text, newest first: the same that an export contains. The first page
 * is fetched again after every event; older pages, which do not change, only on demand. With `all`, as for a search or
 * for printing, every page is fetched.
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
