import Box from '@mui/material/Box';
import LinearProgress from '@mui/material/LinearProgress';
import Typography from '@mui/material/Typography';
import type { Account } from '../../api/types';
import { useLanguage } from '../../i18n/member';
import { Money } from '../components/Money';

/** Today's remaining allowance and free transfers. */
export function DailyAllowance({ account }: { account: Account }) {
  const { t } = useLanguage();
  const { left_today: left, limit_per_day: limit } = account;
  const isLimited = typeof left === 'number' && typeof limit === 'number';
  return (
    <Box sx={{ mt: 'auto', pt: 1.5, borderTop: 1, borderColor: 'divider' }}>
      <Box sx={{ display: 'flex', justifyContent: 'space-between', gap: 2, flexWrap: 'wrap' }}>
        <Typography variant="caption" color="textSecondary">
          {t('account.left')}{' '}
          <Box component="span" sx={{ color: 'text.primary', fontWeight: 560 }}>
            {isLimited ? <Money minor={left} of={account} /> : t('common.unlimited')}
          </Box>
        </Typography>
        <Typography variant="caption" color="textSecondary">
          {t('account.freeLeft', { count: account.free_transfers_left })}
        </Typography>
      </Box>
      <LinearProgress
        variant="determinate"
        color="primary"
        aria-label={t('account.left')}
        value={isLimited ? (limit > 0 ? Math.min(100, Math.floor((left / limit) * 100)) : 0) : 100}
        sx={{ mt: 1, height: 4, borderRadius: 2 }}
      />
    </Box>
  );
}
