import Box from '@mui/material/Box';
import Link from '@mui/material/Link';
import Typography from '@mui/material/Typography';
import { useQuery } from '@tanstack/react-query';
import { Link as RouterLink } from 'react-router';
import { api } from '../../api/client';
import type { Account } from '../../api/types';
import { formatAccountNumber } from '../../format/accountNumber';
import { formatElapsed } from '../../format/dates';
import { useLanguage } from '../../i18n/member';
import { tabularNumbers } from '../../theme';
import { Card } from '../components/Card';
import { Money } from '../components/Money';
import { useNow } from '../components/useNow';

/** The open holds of an account, oldest first. */
export function AccountHolds({ account }: { account: Account }) {
  const { t } = useLanguage();
  const { number } = account;
  const holds =
    useQuery({ queryKey: ['holds', number], queryFn: () => api.holds(number) }).data?.data.filter(
      hold => hold.status === 'held' || hold.status === 'pending',
    ) ?? [];
  const now = useNow(holds.length > 0);
  if (!holds.length) return null;
  return (
    <Card title={t('account.holds')} flush>
      <Box component="ol" sx={{ listStyle: 'none', m: 0, p: 0 }}>
        {holds.map(hold => {
          const isOut = hold.from === number;
          return (
            <Box
              key={hold.id}
              component="li"
              sx={{
                display: 'flex',
                justifyContent: 'space-between',
                alignItems: 'center',
                gap: 2,
                px: { xs: 2, sm: 3 },
                py: 1.75,
                borderTop: 1,
                borderColor: 'divider',
              }}
            >
              <Box>
                <Link
                  component={RouterLink}
                  to={`/transfers/${hold.id}`}
                  color="inherit"
                  sx={{ fontWeight: 560, ...tabularNumbers }}
                >
                  {formatAccountNumber(isOut ? hold.to : hold.from)}
                </Link>
                <Typography variant="caption" component="p" color="textSecondary" sx={tabularNumbers}>
                  {t(hold.requires_verification ? 'status.pending' : 'status.held')} ·{' '}
                  {formatElapsed((now - Date.parse(hold.placed_at)) / 1000)}
                </Typography>
              </Box>
              <Money
                minor={isOut ? -(hold.remaining + hold.fee) : hold.remaining}
                of={account}
                signed
                sx={{ fontWeight: 600 }}
              />
            </Box>
          );
        })}
      </Box>
    </Card>
  );
}
