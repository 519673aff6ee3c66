import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useDeferredValue, useEffect } from 'react';
import { api } from '../../api/client';
import type { Entry } from '../../api/types';
import { digits } from '../../format/money';
import { shown } from '../../format/number';
import { useLanguage } from '../../i18n';
import { EntryRows, useEntryText } from '../EntryRows';
import { Empty, Failed, Rows } from '../parts';

const PAGE = 100;

interface Props {
  number: string;
  from: string;
  to: string;
  q: string;
}

/** The entries of a period that have a text in them, newest first. */
export function Entries({ number, from, to, q }: Props) {
  const { t } = useLanguage();
  const text = useEntryText();
  const wanted = useDeferredValue(q.trim().toLowerCase());
  const pages = useInfiniteQuery({
    queryKey: ['entries', number, from, to],
    queryFn: ({ pageParam }) => api.entries(number, { cursor: pageParam, limit: PAGE, from: from || undefined, to: to || undefined }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: page => page.next ?? undefined,
    placeholderData: before => before,
  });
  const { hasNextPage, isFetching, fetchNextPage } = pages;
  // A search looks through everything of the period, and so has everything of it come, page by page.
  useEffect(() => {
    if (wanted && hasNextPage && !isFetching) void fetchNextPage();
  }, [wanted, hasNextPage, isFetching, fetchNextPage]);
  if (pages.isError) return <Box sx={{ p: 3 }}><Failed error={pages.error} retry={() => void pages.refetch()} /></Box>;
  if (!pages.data) return <Rows count={8} />;

  const has = (entry: Entry) => {
    const { title, rest, kind } = text(entry);
    const amount = Math.abs(entry.change);
    const words = [title, rest, kind, entry.reference, entry.counterparty, entry.counterparty && shown(entry.counterparty), digits(amount, entry.scale), amount];
    return words.join(' ').toLowerCase().includes(wanted);
  };
  const all = pages.data.pages.flatMap(page => page.data);
  const found = wanted ? all.filter(has) : all;
  return (
    <>
      <Box role="status" sx={{ position: 'absolute', clipPath: 'inset(50%)' }}>{wanted ? t('account.found', { count: found.length }) : ''}</Box>
      {found.length > 0 && <EntryRows entries={found} />}
      {found.length === 0 && !isFetching && <Empty>{t(wanted || from || to ? 'account.nothing' : 'overview.noEntries')}</Empty>}
      {hasNextPage && (
        <Box className="no-print" sx={{ p: 2, textAlign: 'center', borderTop: 1, borderColor: 'divider' }}>
          <Button loading={isFetching} onClick={() => void fetchNextPage()}>{t('common.more')}</Button>
        </Box>
      )}
    </>
  );
}
