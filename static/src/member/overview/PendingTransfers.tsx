import Box from '@mui/material/Box';
import Typography from '@mui/material/Typography';
import { useQuery } from '@tanstack/react-query';
import { Link as RouterLink } from 'react-router';
import { api } from '../../api/client';
import type { Transfer } from '../../api/types';
import { formatAccountNumber } from '../../format/accountNumber';
import { formatElapsed } from '../../format/dates';
import { useLanguage } from '../../i18n/member';
import { tabularNumbers } from '../../theme';
import { Card } from '../components/Card';
import { currencyOf } from '../components/currencyOf';
import { Money } from '../components/Money';
import { useNow } from '../components/useNow';
import { useBank } from '../providers/BankProvider';
import { useAccounts } from '../providers/useAccounts';

/** Transfers in verification, outgoing and incoming. */
export function PendingTransfers() {
  const { t } = useLanguage();
  const { meta } = useBank();
  const found = useQuery({
    queryKey: ['transfers', 'pending'],
    queryFn: api.pendingTransfers,
    enabled: meta.verification !== 'none',
  }).data?.data;
  if (!found?.length) return null;
  return (
    <Card title={t('overview.pending')} flush>
      <Box component="ul" sx={{ listStyle: 'none', m: 0, p: 0 }}>
        {found.map(transfer => (
          <Row key={transfer.id} transfer={transfer} />
        ))}
      </Box>
    </Card>
  );
}

function Row({ transfer }: { transfer: Transfer }) {
  const { t } = useLanguage();
  const now = useNow(true);
  const isMine = useAccounts()?.some(account => account.number === transfer.from);
  const other = (isMine ? transfer.to : transfer.from) ?? '';
  const money = currencyOf(transfer);
  return (
    <Box component="li" sx={{ borderTop: 1, borderColor: 'divider' }}>
      <Box
        component={RouterLink}
        to={`/transfers/${transfer.id}`}
        sx={{
          display: 'flex',
          justifyContent: 'space-between',
          alignItems: 'center',
          gap: 2,
          px: { xs: 2, sm: 3 },
          py: 1.75,
          color: 'inherit',
          textDecoration: 'none',
          '&:hover': { bgcolor: 'action.hover' },
          '&:focus-visible': { outline: '2px solid', outlineColor: 'primary.main', outlineOffset: -2 },
        }}
      >
        <Box sx={{ minWidth: 0 }}>
          <Typography noWrap sx={{ fontWeight: 560 }}>
            {(isMine ? transfer.sender_label : transfer.receiver_label) || formatAccountNumber(other)}
          </Typography>
          <Typography variant="caption" color="textSecondary" sx={tabularNumbers}>
            {t('status.pending')} · {formatElapsed((now - Date.parse(transfer.created_at)) / 1000)} ·{' '}
            {formatAccountNumber(other)}
          </Typography>
        </Box>
        <Money
          minor={isMine ? -(transfer.total ?? transfer.amount) : transfer.amount}
          of={money}
          signed
          sx={{ fontWeight: 600 }}
        />
      </Box>
    </Box>
  );
}
