import Box from '@mui/material/Box';
import Chip from '@mui/material/Chip';
import Typography from '@mui/material/Typography';
import { useQuery } from '@tanstack/react-query';
import { api } from '../../api/client';
import { formatAccountNumber } from '../../format/accountNumber';
import { useLanguage } from '../../i18n/member';
import { tabularNumbers } from '../../theme';
import { useAccountTypeName } from '../components/useAccountTypeName';
import { useAccounts } from '../providers/useAccounts';

const SHOWN = 5;

/** Buttons for recent payees and for the member's other accounts. */
export function RecentPayees({
  chosen,
  onChoose,
  without,
}: {
  chosen: string;
  onChoose: (number: string) => void;
  without: string;
}) {
  const { t } = useLanguage();
  const typeName = useAccountTypeName();
  const recent = useQuery({ queryKey: ['payees'], queryFn: api.recentPayees, staleTime: 30_000 }).data?.data ?? [];
  const own = (useAccounts() ?? []).filter(account => account.status === 'open');
  const payees = [
    ...own.slice(0, 3).map(({ number, type }) => ({ number, name: `${t('transfer.mine')} ${typeName(type)}` })),
    ...recent.slice(0, SHOWN).map(({ number, name }) => ({ number, name: name || formatAccountNumber(number) })),
  ].filter(({ number }) => number !== without);
  return (
    <Box role="group" aria-label={t('transfer.recent')} sx={{ mt: 1, minHeight: 32 }}>
      <Box
        sx={{
          display: 'flex',
          gap: 1,
          flexWrap: { xs: 'nowrap', sm: 'wrap' },
          overflowX: { xs: 'auto', sm: 'visible' },
          mx: { xs: -2, sm: 0 },
          px: { xs: 2, sm: 0 },
          py: 0.5,
          scrollbarWidth: 'none',
        }}
      >
        {payees.map(({ number, name }) => (
          <Chip
            key={number}
            clickable
            variant={number === chosen ? 'filled' : 'outlined'}
            aria-pressed={number === chosen}
            onClick={() => onChoose(number)}
            sx={{ flexShrink: 0, ...tabularNumbers }}
            label={
              <>
                {name}{' '}
                <Typography component="span" variant="caption" color="textSecondary">
                  {number.slice(-4)}
                </Typography>
              </>
            }
          />
        ))}
      </Box>
    </Box>
  );
}
