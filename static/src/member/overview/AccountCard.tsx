import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import Chip from '@mui/material/Chip';
import Link from '@mui/material/Link';
import Paper from '@mui/material/Paper';
import Typography from '@mui/material/Typography';
import { Link as RouterLink } from 'react-router';
import type { Account } from '../../api/types';
import { formatAccountNumber } from '../../format/accountNumber';
import { useLanguage } from '../../i18n/member';
import { tabularNumbers } from '../../theme';
import { DailyAllowance } from '../account/DailyAllowance';
import { Money } from '../components/Money';
import { useAccountTypeName } from '../components/useAccountTypeName';
import { CARD } from './accountCardStyle';

/** An account with its available amount, its balances and today's remaining allowance. */
export function AccountCard({ account }: { account: Account }) {
  const { t } = useLanguage();
  const typeName = useAccountTypeName();
  const facts: [string, number][] = [
    [t('account.posted'), account.posted],
    [t('account.held'), account.held],
    [t('account.pendingIn'), account.pending_in],
  ];
  return (
    <Paper component="li" variant="outlined" sx={CARD}>
      <Box sx={{ display: 'flex', justifyContent: 'space-between', alignItems: 'flex-start', gap: 2 }}>
        <Box sx={{ minWidth: 0 }}>
          <Typography variant="h3" component="h3">
            <Link component={RouterLink} to={`/accounts/${account.number}`} color="inherit">
              {typeName(account.type)}
            </Link>
            {account.status !== 'open' && (
              <Chip
                size="small"
                color="warning"
                variant="outlined"
                sx={{ ml: 1 }}
                label={t.optional(`account.status.${account.status}`, account.status)}
              />
            )}
          </Typography>
          <Typography variant="caption" color="textSecondary" sx={tabularNumbers}>
            {formatAccountNumber(account.number)}
          </Typography>
        </Box>
        {account.status === 'open' && (
          <Button
            size="small"
            variant="outlined"
            color="inherit"
            component={RouterLink}
            to={`/transfer?from=${account.number}`}
            aria-label={t('account.transferFrom', { number: formatAccountNumber(account.number) })}
          >
            {t('nav.transfer')}
          </Button>
        )}
      </Box>
      <Box>
        <Typography variant="caption" color="textSecondary">
          {t('account.available')}
        </Typography>
        <Typography
          component="p"
          sx={{ fontSize: '1.625rem', fontWeight: 650, letterSpacing: '-0.025em', lineHeight: 1.25 }}
        >
          <Money size="1em" minor={account.available} of={account} />
        </Typography>
      </Box>
      <Box
        component="dl"
        sx={{
          m: 0,
          display: 'grid',
          gridTemplateColumns: 'repeat(3, minmax(0, auto))',
          justifyContent: 'space-between',
          gap: 1.5,
        }}
      >
        {facts.map(([name, value]) => (
          <Box key={name} sx={{ minWidth: 0 }}>
            <Typography component="dt" variant="caption" color="textSecondary">
              {name}
            </Typography>
            <Typography component="dd" variant="body2" sx={{ m: 0, fontWeight: 560, overflowWrap: 'anywhere' }}>
              <Money minor={value} of={account} />
            </Typography>
          </Box>
        ))}
      </Box>
      <DailyAllowance account={account} />
    </Paper>
  );
}
