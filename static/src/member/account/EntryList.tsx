import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import { useDeferredValue, useEffect, useRef } from 'react';
import { useLanguage } from '../../i18n/member';
import { EmptyState } from '../components/EmptyState';
import { ErrorAlert } from '../components/ErrorAlert';
import { SkeletonRows } from '../components/SkeletonRows';
import { EntryRows } from './EntryRows';
import { useEntries } from './useEntries';

interface Props {
  number: string;
  from: string;
  to: string;
  q: string;
  /** Loads the whole period, as for printing. `onWhole` reports whether that worked. */
  whole: boolean;
  onWhole: (isThere: boolean) => void;
}

/** The entries of a period that contain a text, newest first. */
export function EntryList({ number, from, to, q, whole, onWhole }: Props) {
  const { t } = useLanguage();
  const searchText = useDeferredValue(q.trim());
  const { entries, error, retry, hasMore, isFetching, more } = useEntries(
    number,
    from,
    to,
    searchText,
    whole || searchText !== '',
  );
  const isThere = entries !== undefined && !hasMore && !isFetching;
  const isBroken = Boolean(error);
  useEffect(() => {
    if (whole && (isThere || isBroken)) onWhole(!isBroken);
  }, [whole, isThere, isBroken, onWhole]);
  if (error)
    return (
      <Box sx={{ p: 3 }}>
        <ErrorAlert error={error} retry={retry} />
      </Box>
    );
  if (!entries) return <SkeletonRows count={8} />;

  return (
    <>
      <Box role="status" sx={{ position: 'absolute', clipPath: 'inset(50%)' }}>
        {searchText ? t('account.found', { count: entries.length }) : ''}
      </Box>
      {entries.length > 0 && <EntryRows entries={entries} />}
      {entries.length === 0 && !isFetching && (
        <EmptyState>{t(searchText || from || to ? 'account.nothing' : 'overview.noEntries')}</EmptyState>
      )}
      {hasMore && <LoadMore count={entries.length} isFetching={isFetching} more={more} />}
      {hasMore && (
        <Box sx={{ display: 'none', '@media print': { display: 'block', p: 2, borderTop: 1, borderColor: 'divider' } }}>
          {t('account.printedPart', { count: entries.length })}
        </Box>
      )}
    </>
  );
}

/** Loads older entries when its end comes near the viewport, or on a click. */
function LoadMore({ count, isFetching, more }: { count: number; isFetching: boolean; more: () => void }) {
  const { t } = useLanguage();
  const end = useRef<HTMLDivElement>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies(count): a new observer reports where the end of the list is now
  useEffect(() => {
    const element = end.current;
    if (!element || isFetching) return;
    // Observed again after each page, because the end may still be near.
    const observer = new IntersectionObserver(
      all => {
        if (all.at(-1)?.isIntersecting) more();
      },
      { rootMargin: '1600px 0px' },
    );
    observer.observe(element);
    return () => observer.disconnect();
  }, [count, isFetching, more]);
  return (
    <Box ref={end} className="no-print" sx={{ p: 2, textAlign: 'center', borderTop: 1, borderColor: 'divider' }}>
      <Button loading={isFetching} onClick={more}>
        {t('common.more')}
      </Button>
    </Box>
  );
}
