import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import Chip from '@mui/material/Chip';
import Skeleton from '@mui/material/Skeleton';
import Typography from '@mui/material/Typography';
import { useQueries, useQuery } from '@tanstack/react-query';
import { Link as RouterLink } from 'react-router';
import { api } from '../api/client';
import type { Account } from '../api/types';
import { useLanguage } from '../i18n';
import { figures } from '../theme';
import { EntryRows } from './EntryRows';
import { OpenAccount } from './OpenAccount';
import { Card, Empty, Money, Page, Rows } from './parts';
import { useAccounts, useBank } from './session';

const SHOWN = 8;

/** Everything one has, and what happened last. */
export function Overview() {
  const { t } = useLanguage();
  const { me } = useBank();
  const accounts = useAccounts();
  const name = me.name || me.username;
  return (
    <Page title={t('overview.title')} lead={t('overview.hello', { name })} aside={accounts?.length ? <><OpenAccount /><Button variant="contained" component={RouterLink} to="/transfer">{t('nav.transfer')}</Button></> : null}>
      {accounts?.length === 0 ? (
        <Card><Empty title={t('overview.noAccounts')} action={<OpenAccount prominent />}>{t('overview.noAccountsMore')}</Empty></Card>
      ) : (
        <Box sx={{ display: 'grid', gap: 3 }}>
          <Totals accounts={accounts} />
          <Card title={t('overview.accounts')} flush>
            {accounts ? <Box component="ul" sx={{ listStyle: 'none', m: 0, p: 0 }}>{accounts.map(account => <AccountRow key={account.number} account={account} />)}</Box> : <Rows count={2} height={92} />}
          </Card>
          <Pending />
          <Latest accounts={accounts} />
        </Box>
      )}
    </Page>
  );
}

function Totals({ accounts }: { accounts: Account[] | undefined }) {
  const { t } = useLanguage();
  const sums = new Map<string, { posted: number; scale: number }>();
  for (const { currency, scale, posted } of accounts ?? []) sums.set(currency, { scale, posted: (sums.get(currency)?.posted ?? 0) + posted });
  return (
    <Box sx={{ minHeight: 84 }}>
      <Typography variant="overline" component="h2" color="text.secondary">{t('overview.total')}</Typography>
      <Box sx={{ display: 'flex', flexWrap: 'wrap', columnGap: 4 }}>
        {accounts ? [...sums].map(([currency, { posted, scale }]) => (
          <Money key={currency} minor={posted} of={{ currency, scale }} sx={{ fontSize: 'clamp(1.75rem, 7vw, 2.75rem)', fontWeight: 640, letterSpacing: '-0.03em', lineHeight: 1.2 }} />
        )) : <Skeleton width={280} sx={{ fontSize: '2.5rem' }} />}
      </Box>
    </Box>
  );
}

function AccountRow({ account }: { account: Account }) {
  const { t } = useLanguage();
  const facts: [string, number | null][] = [
    [t('account.posted'), account.posted], [t('account.held'), account.held || null], [t('account.pendingIn'), account.pending_in || null], [t('account.left'), account.left_today],
  ];
  return (
    <Box component="li" sx={{ borderTop: 1, borderColor: 'divider' }}>
      <Box component={RouterLink} to={`/accounts/${account.number}`} sx={{ display: 'grid', gridTemplateColumns: 'minmax(0, 1fr) auto', gap: 0.75, px: { xs: 2, sm: 3 }, py: 2, color: 'inherit', textDecoration: 'none', '&:hover': { bgcolor: 'action.hover' }, '&:focus-visible': { outline: '2px solid', outlineColor: 'primary.main', outlineOffset: -2 } }}>
        <Box sx={{ minWidth: 0 }}>
          <Typography sx={{ fontWeight: 600 }}>{account.type.name} {account.status !== 'open' && <Chip size="small" color="warning" variant="outlined" label={t(`account.status.${account.status}`)} />}</Typography>
          <Typography variant="caption" color="text.secondary" sx={figures}>{account.number}</Typography>
        </Box>
        <Box sx={{ textAlign: 'right' }}>
          <Typography component="p" sx={{ fontWeight: 640, fontSize: '1.125rem' }}><Money minor={account.available} of={account} /></Typography>
          <Typography variant="caption" color="text.secondary">{t('account.available')}</Typography>
        </Box>
        <Box sx={{ gridColumn: '1 / -1', display: 'flex', flexWrap: 'wrap', columnGap: 2.5, rowGap: 0.25, minHeight: 21 }}>
          {facts.map(([name, value]) => value !== null && <Typography key={name} variant="caption" color="text.secondary">{name} <Money minor={value} of={account} sx={{ color: 'text.primary' }} /></Typography>)}
          {account.free_transfers_left !== null && <Typography variant="caption" color="text.secondary">{t('account.free')} <Box component="span" sx={{ color: 'text.primary' }}>{account.free_transfers_left}</Box></Typography>}
        </Box>
      </Box>
    </Box>
  );
}

function Pending() {
  const { t } = useLanguage();
  const { meta } = useBank();
  const found = useQuery({ queryKey: ['transfers', 'pending'], queryFn: () => api.transfers({ status: 'pending', limit: 20 }), enabled: meta.verification !== 'none' }).data?.data;
  if (!found?.length) return null;
  return (
    <Card title={t('overview.pending')} flush>
      <Box component="ul" sx={{ listStyle: 'none', m: 0, p: 0 }}>
        {found.map(transfer => (
          <Box key={transfer.id} component="li" sx={{ borderTop: 1, borderColor: 'divider' }}>
            <Box component={RouterLink} to={`/transfers/${transfer.id}`} sx={{ display: 'flex', justifyContent: 'space-between', gap: 2, px: { xs: 2, sm: 3 }, py: 2, color: 'inherit', textDecoration: 'none', '&:hover': { bgcolor: 'action.hover' } }}>
              <span>{t('status.pending')} · {transfer.to}</span>
              <Money minor={transfer.amount} of={transfer} sx={{ fontWeight: 600 }} />
            </Box>
          </Box>
        ))}
      </Box>
    </Card>
  );
}

function Latest({ accounts }: { accounts: Account[] | undefined }) {
  const { t } = useLanguage();
  const found = useQueries({
    queries: (accounts ?? []).map(({ number }) => ({ queryKey: ['entries', number, 'latest'], queryFn: () => api.entries(number, { limit: SHOWN }) })),
    combine: results => ({
      ready: results.every(result => result.data),
      entries: results.flatMap((result, at) => (result.data?.data ?? []).map(entry => ({ ...entry, account: accounts?.[at]?.number }))),
    }),
  });
  const newest = found.entries.sort((a, b) => b.position - a.position).slice(0, SHOWN);
  return (
    <Card title={t('overview.latest')} flush sx={{ minHeight: 360 }}>
      {!accounts || !found.ready ? <Rows count={4} /> : newest.length ? <EntryRows entries={newest} withAccount={(accounts.length) > 1} /> : <Empty>{t('overview.noEntries')}</Empty>}
    </Card>
  );
}
