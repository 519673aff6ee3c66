import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import { Link as RouterLink } from 'react-router';
import { useLanguage } from '../../i18n/member';
import { Card } from '../components/Card';
import { EmptyState } from '../components/EmptyState';
import { Page } from '../components/Page';
import { useBank } from '../providers/BankProvider';
import { useAccounts } from '../providers/useAccounts';
import { AccountCard } from './AccountCard';
import { AccountCardSkeleton } from './AccountCardSkeleton';
import { LatestEntries } from './LatestEntries';
import { OpenAccountButton } from './OpenAccountButton';
import { PendingTransfers } from './PendingTransfers';
import { TotalBalance } from './TotalBalance';

/** The first page: the member's accounts and latest entries. */
export function OverviewPage() {
  const { t } = useLanguage();
  const { me } = useBank();
  const accounts = useAccounts();
  const actions = (
    <>
      <OpenAccountButton />
      <Button variant="contained" component={RouterLink} to="/transfer">
        {t('nav.transfer')}
      </Button>
    </>
  );
  return (
    <Page
      title={t('overview.title')}
      lead={t('overview.hello', { name: me.name || me.username })}
      aside={accounts?.length ? actions : null}
    >
      {accounts?.length === 0 ? (
        <Card>
          <EmptyState title={t('overview.noAccounts')} action={<OpenAccountButton prominent />}>
            {t('overview.noAccountsMore')}
          </EmptyState>
        </Card>
      ) : (
        <Box sx={{ display: 'grid', gridTemplateColumns: 'minmax(0, 1fr)', gap: 3 }}>
          <TotalBalance accounts={accounts} />
          <Box component="section" aria-label={t('overview.accounts')}>
            <Box
              component="ul"
              sx={{
                listStyle: 'none',
                m: 0,
                p: 0,
                display: 'grid',
                gap: 2,
                gridTemplateColumns: { xs: 'minmax(0, 1fr)', md: 'repeat(2, minmax(0, 1fr))' },
              }}
            >
              {accounts
                ? accounts.map(account => <AccountCard key={account.number} account={account} />)
                : [0, 1].map(at => <AccountCardSkeleton key={at} />)}
            </Box>
          </Box>
          <PendingTransfers />
          <LatestEntries accounts={accounts} />
        </Box>
      )}
    </Page>
  );
}
