import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import Chip from '@mui/material/Chip';
import MenuItem from '@mui/material/MenuItem';
import TextField from '@mui/material/TextField';
import Typography from '@mui/material/Typography';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useDeferredValue, useEffect, useState } from 'react';
import { Link as RouterLink, useParams, useSearchParams } from 'react-router';
import { api } from '../api/client';
import { download } from '../api/http';
import type { Account } from '../api/types';
import { elapsed, exact, monthStart, plus, today } from '../format/dates';
import { digits } from '../format/money';
import { useLanguage } from '../i18n';
import { figures } from '../theme';
import { EntryRows, useEntryText } from './EntryRows';
import { Card, Empty, Failed, Money, Page, Rows } from './parts';
import { useBank } from './session';

const PAGE = 100;

/** One account: what it holds, what is held, and its entries, which can be searched, printed and taken away. */
export function AccountPage() {
  const { number = '' } = useParams();
  const { t, language } = useLanguage();
  const { meta } = useBank();
  const [query, setQuery] = useSearchParams();
  const account = useQuery({ queryKey: ['accounts', number], queryFn: () => api.account(number) });
  const from = query.get('from') ?? '';
  const to = query.get('to') ?? '';
  const choose = (next: Record<string, string>) => setQuery(before => {
    const after = new URLSearchParams(before);
    for (const [name, value] of Object.entries(next)) value ? after.set(name, value) : after.delete(name);
    return after;
  }, { replace: true });
  if (account.isError) return <Page title={t('account.notFound')}><Failed error={account.error} /></Page>;
  const found = account.data;
  return (
    <Page title={found?.type.name ?? t('account.number', { number })} lead={<Box component="span" sx={figures}>{number}</Box>} aside={<>
      <Button color="inherit" variant="outlined" onClick={() => print()}>{t('common.print')}</Button>
      <Button color="inherit" variant="outlined" onClick={() => void download(`/accounts/${number}/entries`, { from, to }, `${number}.csv`)}>{t('account.csv')}</Button>
      <Button variant="contained" component={RouterLink} to={`/transfer?from=${number}`}>{t('nav.transfer')}</Button>
    </>}>
      <Box sx={{ display: 'none', '@media print': { display: 'block', mb: 2 } }}>
        {t('account.statement')} · {from || '…'} – {to || today(meta.time_zone)} · {t('account.asOf', { time: exact(new Date().toISOString(), meta.time_zone, language) })}
      </Box>
      <Box sx={{ display: 'grid', gap: 3 }}>
        <Facts account={found} />
        <Held number={number} />
        <Card title={t('account.entries')} flush>
          <Filters from={from} to={to} q={query.get('q') ?? ''} choose={choose} />
          <Entries number={number} from={from} to={to} q={query.get('q') ?? ''} />
        </Card>
      </Box>
    </Page>
  );
}

function Facts({ account }: { account: Account | undefined }) {
  const { t } = useLanguage();
  const rows: [string, number | null | undefined][] = [
    [t('account.posted'), account?.posted], [t('account.held'), account?.held], [t('account.pendingIn'), account?.pending_in], [t('account.left'), account?.left_today], [t('account.perTransfer'), account?.limit_per_transfer],
  ];
  return (
    <Box>
      <Box sx={{ minHeight: 82 }}>
        <Typography variant="overline" color="text.secondary">{t('account.available')}</Typography>
        <Box>{account && <Money minor={account.available} of={account} sx={{ fontSize: 'clamp(1.75rem, 7vw, 2.5rem)', fontWeight: 640, letterSpacing: '-0.03em' }} />} {account && account.status !== 'open' && <Chip color="warning" variant="outlined" label={t(`account.status.${account.status}`)} />}</Box>
      </Box>
      <Box component="dl" sx={{ m: 0, mt: 1, display: 'grid', gridTemplateColumns: 'repeat(auto-fit, minmax(132px, 1fr))', gap: 2, minHeight: 50 }}>
        {rows.map(([name, value]) => (
          <Box key={name}>
            <Typography component="dt" variant="caption" color="text.secondary">{name}</Typography>
            <Box component="dd" sx={{ m: 0, fontWeight: 560 }}>{account && (value === null || value === undefined ? t('common.unlimited') : <Money minor={value} of={account} />)}</Box>
          </Box>
        ))}
      </Box>
    </Box>
  );
}

function Held({ number }: { number: string }) {
  const { t } = useLanguage();
  const holds = useQuery({ queryKey: ['holds', number], queryFn: () => api.holds(number) }).data?.data.filter(hold => hold.status === 'open');
  const account = useQuery({ queryKey: ['accounts', number], queryFn: () => api.account(number) }).data;
  const [now, setNow] = useState(Date.now);
  const some = Boolean(holds?.length);
  useEffect(() => {
    if (!some) return;
    const timer = setInterval(() => setNow(Date.now()), 1_000);
    return () => clearInterval(timer);
  }, [some]);
  if (!some || !account) return null;
  return (
    <Card title={t('account.holds')} flush>
      <Box component="ol" sx={{ listStyle: 'none', m: 0, p: 0 }}>
        {holds?.map(hold => (
          <Box key={hold.id} component="li" sx={{ display: 'flex', justifyContent: 'space-between', gap: 2, px: { xs: 2, sm: 3 }, py: 1.75, borderTop: 1, borderColor: 'divider' }}>
            <Box>
              <Box component={RouterLink} to={`/transfers/${hold.id}`} sx={{ color: 'inherit', fontWeight: 560 }}>{hold.from === number ? hold.to : hold.from}</Box>
              <Typography variant="caption" component="p" color="text.secondary" sx={figures}>{t(hold.verified ? 'status.held' : 'status.pending')} · {elapsed((now - Date.parse(hold.placed_at)) / 1000)}</Typography>
            </Box>
            <Money minor={hold.from === number ? -(hold.remaining + hold.fee) : hold.remaining} of={account} sx={{ fontWeight: 600 }} />
          </Box>
        ))}
      </Box>
    </Card>
  );
}

function Filters({ from, to, q, choose }: { from: string; to: string; q: string; choose: (next: Record<string, string>) => void }) {
  const { t } = useLanguage();
  const { meta } = useBank();
  const now = today(meta.time_zone);
  const periods = { any: '', week: plus(now, -6), month: monthStart(now), quarter: plus(now, -89) };
  const period = to ? '' : (Object.entries(periods).find(([, start]) => start === from)?.[0] ?? '');
  return (
    <Box className="no-print" role="search" sx={{ display: 'grid', gap: 1.5, gridTemplateColumns: { xs: '1fr 1fr', sm: '1.6fr 1fr 1fr 1fr' }, px: { xs: 2, sm: 3 }, pt: 0.5, pb: 2 }}>
      <TextField size="small" type="search" label={t('account.search')} value={q} onChange={event => choose({ q: event.target.value })} />
      <TextField size="small" select label={t('account.period')} value={period} onChange={event => choose({ from: periods[event.target.value as keyof typeof periods] ?? '', to: '' })}>
        {period === '' && <MenuItem value="" disabled>…</MenuItem>}
        {(['any', 'week', 'month', 'quarter'] as const).map(name => <MenuItem key={name} value={name}>{t(`account.${name}`)}</MenuItem>)}
      </TextField>
      <TextField size="small" type="date" label={t('account.from')} value={from} onChange={event => choose({ from: event.target.value })} slotProps={{ inputLabel: { shrink: true }, htmlInput: { max: to || now } }} />
      <TextField size="small" type="date" label={t('account.to')} value={to} onChange={event => choose({ to: event.target.value })} slotProps={{ inputLabel: { shrink: true }, htmlInput: { min: from, max: now } }} />
    </Box>
  );
}

function Entries({ number, from, to, q }: { number: string; from: string; to: string; q: string }) {
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
  const all = pages.data?.pages.flatMap(page => page.data) ?? [];
  const shown = wanted ? all.filter(entry => {
    const { title, rest, kind } = text(entry);
    return [title, rest, kind, entry.reference, digits(Math.abs(entry.change), entry.scale), String(Math.abs(entry.change))].join(' ').toLowerCase().includes(wanted);
  }) : all;
  if (pages.isError) return <Box sx={{ p: 3 }}><Failed error={pages.error} retry={() => void pages.refetch()} /></Box>;
  if (!pages.data) return <Rows count={8} />;
  return (
    <>
      <Box role="status" sx={{ position: 'absolute', clipPath: 'inset(50%)' }}>{wanted ? String(shown.length) : ''}</Box>
      {shown.length ? <EntryRows entries={shown} /> : !isFetching && <Empty>{t(wanted || from || to ? 'account.nothing' : 'overview.noEntries')}</Empty>}
      {hasNextPage && <Box className="no-print" sx={{ p: 2, textAlign: 'center', borderTop: 1, borderColor: 'divider' }}><Button loading={isFetching} onClick={() => void fetchNextPage()}>{t('common.more')}</Button></Box>}
    </>
  );
}
