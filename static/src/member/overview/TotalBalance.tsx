import Box from '@mui/material/Box';
import Skeleton from '@mui/material/Skeleton';
import Typography from '@mui/material/Typography';
import type { Account } from '../../api/types';
import { useLanguage } from '../../i18n/member';
import { Money } from '../components/Money';

/** The total balance in each currency. */
export function TotalBalance({ accounts }: { accounts: Account[] | undefined }) {
  const { t } = useLanguage();
  const sums = new Map<string, { posted: number; scale: number }>();
  for (const { currency, scale, posted } of accounts ?? []) {
    sums.set(currency, { scale, posted: (sums.get(currency)?.posted ?? 0) + posted });
  }
  return (
    <Box component="section" sx={{ minHeight: { xs: 66, sm: 78 } }}>
      <Typography variant="overline" component="h2" color="textSecondary">
        {t('overview.total')}
      </Typography>
      <Box
        sx={{
          display: 'flex',
          flexWrap: 'wrap',
          columnGap: 4,
          fontSize: 'clamp(1.75rem, 7vw, 2.75rem)',
          fontWeight: 660,
          letterSpacing: '-0.03em',
          lineHeight: 1.2,
        }}
      >
        {accounts ? (
          [...sums].map(([currency, { posted, scale }]) => (
            <Money key={currency} size="1em" minor={posted} of={{ currency, scale }} />
          ))
        ) : (
          <Skeleton width="min(300px, 70%)" />
        )}
      </Box>
    </Box>
  );
}
