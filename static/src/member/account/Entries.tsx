import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import { useDeferredValue } from 'react';
import type { Entry } from '../../api/types';
import { digits } from '../../format/money';
import { shown } from '../../format/number';
import { useLanguage } from '../../i18n';
import { EntryRows, useEntryText } from '../EntryRows';
import { Empty, Failed, Rows } from '../parts';
import { useEntries } from './useEntries';

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
  const { entries, error, retry, hasMore, isFetching, more } = useEntries(number, from, to, wanted !== '');
  if (error) return <Box sx={{ p: 3 }}><Failed error={error} retry={retry} /></Box>;
  if (!entries) return <Rows count={8} />;

  const has = (entry: Entry) => {
    const { title, rest, kind } = text(entry);
    const amount = Math.abs(entry.change);
    const words = [title, rest, kind, entry.reference, entry.counterparty, entry.counterparty && shown(entry.counterparty), digits(amount, entry.scale), amount];
    return words.join(' ').toLowerCase().includes(wanted);
  };
  const found = wanted ? entries.filter(has) : entries;
  return (
    <>
      <Box role="status" sx={{ position: 'absolute', clipPath: 'inset(50%)' }}>{wanted ? t('account.found', { count: found.length }) : ''}</Box>
      {found.length > 0 && <EntryRows entries={found} />}
      {found.length === 0 && !isFetching && <Empty>{t(wanted || from || to ? 'account.nothing' : 'overview.noEntries')}</Empty>}
      {hasMore && (
        <Box className="no-print" sx={{ p: 2, textAlign: 'center', borderTop: 1, borderColor: 'divider' }}>
          <Button loading={isFetching} onClick={more}>{t('common.more')}</Button>
        </Box>
      )}
    </>
  );
}
