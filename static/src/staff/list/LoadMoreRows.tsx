import Box from '@mui/material/Box';
import CircularProgress from '@mui/material/CircularProgress';
import { useEffect, useRef } from 'react';
import { useInfinitePaginationContext, useListContext } from 'react-admin';

/**
 * Loads the next rows when the end of the list comes into the viewport.
 *
 * It replaces react-admin's `InfinitePagination`, which looks at the first of several observations. On a slow page that
 * is an outdated one, and the list stops loading.
 */
export function LoadMoreRows() {
  const { fetchNextPage, hasNextPage, isFetchingNextPage } = useInfinitePaginationContext();
  const count = useListContext().data?.length;
  const end = useRef<HTMLDivElement>(null);
  const isReady = hasNextPage && !isFetchingNextPage;
  // biome-ignore lint/correctness/useExhaustiveDependencies(count): a new observer reports where the end of the list is now
  useEffect(() => {
    const element = end.current;
    if (!isReady || !element) return;
    const observer = new IntersectionObserver(all => {
      if (all.at(-1)?.isIntersecting) void fetchNextPage();
    });
    observer.observe(element);
    return () => observer.disconnect();
  }, [isReady, count, fetchNextPage]);
  return (
    <Box ref={end} sx={{ py: 2, textAlign: 'center' }}>
      {isFetchingNextPage && <CircularProgress size="1.5em" />}
    </Box>
  );
}
