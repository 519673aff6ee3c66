import Box from '@mui/material/Box';
import Chip from '@mui/material/Chip';
import Paper from '@mui/material/Paper';
import Skeleton from '@mui/material/Skeleton';
import Typography from '@mui/material/Typography';
import type { Account } from '../../api/types';
import { useLanguage } from '../../i18n/member';
import { Money } from '../components/Money';
import { DailyAllowance } from './DailyAllowance';

/** The figures of an account. */
export function AccountSummary({ account }: { account: Account | undefined }) {
  const { t } = useLanguage();
  const rows: [string, number | null | undefined][] = [
    [t('account.posted'), account?.posted],
    [t('account.held'), account?.held],
    [t('account.pendingIn'), account?.pending_in],
    [t('account.perTransfer'), account?.limit_per_transfer],
    [t('account.perDay'), account?.limit_per_day],
  ];
  return (
    <Paper variant="outlined" component="section" sx={{ p: { xs: 2, sm: 3 }, minHeight: 226, boxSizing: 'border-box' }}>
      <Typography variant="overline" component="h2" color="textSecondary">
        {t('account.available')}
      </Typography>
      <Box
        sx={{
          fontSize: 'clamp(1.75rem, 7vw, 2.5rem)',
          fontWeight: 660,
          letterSpacing: '-0.03em',
          lineHeight: 1.25,
          display: 'flex',
          alignItems: 'center',
          gap: 1.5,
          flexWrap: 'wrap',
        }}
      >
        {account ? <Money size="1em" minor={account.available} of={account} /> : <Skeleton width="min(260px, 70%)" />}
        {account && account.status !== 'open' && (
          <Chip
            color="warning"
            variant="outlined"
            label={t.optional(`account.status.${account.status}`, account.status)}
          />
        )}
      </Box>
      <Box
        component="dl"
        sx={{
          m: 0,
          my: 2,
          display: 'flex',
          flexWrap: 'wrap',
          gap: 2,
          '& > *': { flexGrow: { xs: 1, sm: 0 }, minWidth: { xs: 'calc(50% - 8px)', sm: 'calc(20% - 16px)' } },
        }}
      >
        {rows.map(([name, value]) => (
          <Box key={name}>
            <Typography component="dt" variant="caption" color="textSecondary">
              {name}
            </Typography>
            <Box component="dd" sx={{ m: 0, fontWeight: 560, minHeight: 24, overflowWrap: 'anywhere' }}>
              {account && (typeof value === 'number' ? <Money minor={value} of={account} /> : t('common.unlimited'))}
            </Box>
          </Box>
        ))}
      </Box>
      {account && <DailyAllowance account={account} />}
    </Paper>
  );
}
