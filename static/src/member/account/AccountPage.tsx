import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import { useQuery } from '@tanstack/react-query';
import { useCallback, useState } from 'react';
import { Link as RouterLink, useParams, useSearchParams } from 'react-router';
import { api } from '../../api/client';
import { download, type FileKind } from '../../api/http';
import { formatAccountNumber } from '../../format/accountNumber';
import { formatExactTime, today } from '../../format/dates';
import { useLanguage } from '../../i18n/member';
import { tabularNumbers } from '../../theme';
import { Card } from '../components/Card';
import { ErrorAlert } from '../components/ErrorAlert';
import { Page } from '../components/Page';
import { useAccountTypeName } from '../components/useAccountTypeName';
import { useBank } from '../providers/BankProvider';
import { AccountHolds } from './AccountHolds';
import { AccountSummary } from './AccountSummary';
import { EntryFilters } from './EntryFilters';
import { EntryList } from './EntryList';

/** The page of an account: its figures, its holds and its entries, which can be searched, printed and downloaded. */
export function AccountPage() {
  const { number = '' } = useParams();
  const { t, language } = useLanguage();
  const { me, meta } = useBank();
  const typeName = useAccountTypeName();
  const [query, setQuery] = useSearchParams();
  const [failure, setFailure] = useState<{ error: unknown; kind: FileKind } | null>(null);
  const account = useQuery({ queryKey: ['accounts', number], queryFn: () => api.account(number) });
  const from = query.get('from') ?? '';
  const to = query.get('to') ?? '';
  const q = query.get('q') ?? '';
  const choose = (next: Record<string, string>) => {
    // Read from the address itself, because the hook's value may be older.
    const after = new URLSearchParams(location.search);
    for (const [name, value] of Object.entries(next)) {
      if (value) after.set(name, value);
      else after.delete(name);
    }
    setQuery(after, { replace: true });
  };
  const [isPrinting, setPrinting] = useState(false);
  const printWhole = useCallback((isThere: boolean) => {
    setPrinting(false);
    // `print` blocks the page, so the button must be rendered as ready first.
    if (isThere) setTimeout(() => print());
  }, []);
  const save = (kind: FileKind) => {
    setFailure(null);
    const saved = download(
      `/accounts/${encodeURIComponent(number)}/entries`,
      { from, to, text: q.trim() || undefined },
      number,
      kind,
    );
    saved.catch((error: unknown) => setFailure({ error, kind }));
  };
  if (account.isError)
    return (
      <Page title={t('account.notFound')}>
        <ErrorAlert error={account.error} retry={() => void account.refetch()} />
      </Page>
    );
  const found = account.data;
  const actions = (
    <>
      <Button color="inherit" variant="outlined" loading={isPrinting} onClick={() => setPrinting(true)}>
        {t('common.print')}
      </Button>
      <Button color="inherit" variant="outlined" onClick={() => save('csv')}>
        {t('account.csv')}
      </Button>
      <Button color="inherit" variant="outlined" onClick={() => save('xlsx')}>
        {t('account.xlsx')}
      </Button>
      <Button variant="contained" component={RouterLink} to={`/transfer?from=${number}`}>
        {t('nav.transfer')}
      </Button>
    </>
  );
  return (
    <Page
      title={found ? typeName(found.type) : t('account.number', { number: formatAccountNumber(number) })}
      lead={
        <Box component="span" sx={tabularNumbers}>
          {formatAccountNumber(number)}
        </Box>
      }
      aside={actions}
    >
      <Box sx={{ display: 'none', '@media print': { display: 'block', mb: 2 } }}>
        {meta.name} · {t('account.statement')} · {me.name} · {from || '…'} – {to || today(meta.time_zone)}
        {q && ` · ${t('account.search')}: ${q}`} ·{' '}
        {t('account.asOf', { time: formatExactTime(new Date().toISOString(), meta.time_zone, language) })}
      </Box>
      {failure !== null && <ErrorAlert error={failure.error} retry={() => save(failure.kind)} />}
      <Box sx={{ display: 'grid', gridTemplateColumns: 'minmax(0, 1fr)', gap: 3 }}>
        <AccountSummary account={found} />
        {found && <AccountHolds account={found} />}
        <Card title={t('account.entries')} flush>
          <EntryFilters from={from} to={to} q={q} choose={choose} />
          <EntryList number={number} from={from} to={to} q={q} whole={isPrinting} onWhole={printWhole} />
        </Card>
      </Box>
    </Page>
  );
}
