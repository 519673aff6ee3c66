import CheckCircle from '@mui/icons-material/CheckCircleOutlined';
import Cancel from '@mui/icons-material/HighlightOffOutlined';
import Hourglass from '@mui/icons-material/HourglassEmptyOutlined';
import Box from '@mui/material/Box';
import LinearProgress from '@mui/material/LinearProgress';
import Typography from '@mui/material/Typography';
import type { Transfer } from '../../api/types';
import { formatElapsed } from '../../format/dates';
import { useRefusalText } from '../../i18n/errors';
import { useLanguage } from '../../i18n/member';
import { tabularNumbers } from '../../theme';
import { currencyOf } from '../components/currencyOf';
import { Money } from '../components/Money';
import { useNow } from '../components/useNow';
import { isRunning } from './isRunning';
import { VerificationStages } from './VerificationStages';

/** The status, the amount and the duration of a transfer. */
export function ReceiptStatus({ transfer, isMine }: { transfer: Transfer; isMine: boolean }) {
  const { t } = useLanguage();
  const refusalText = useRefusalText();
  const running = isRunning(transfer);
  const now = useNow(running);
  const isGood = transfer.status === 'posted';
  const Icon = isGood ? CheckCircle : running ? Hourglass : Cancel;
  const colour = isGood ? 'success.main' : running ? 'warning.main' : 'error.main';
  const begun = Date.parse(transfer.created_at);
  const seconds = ((running ? now : transfer.ended_at ? Date.parse(transfer.ended_at) : begun) - begun) / 1000;
  const word = isGood && !isMine ? t('status.received') : t(`status.${transfer.status}`);
  const more = isGood && !isMine ? t('receipt.money.received') : t(`receipt.money.${transfer.status}`);
  return (
    <Box sx={{ textAlign: 'center', pb: 2 }}>
      <Icon sx={{ fontSize: 44, color: colour }} aria-hidden />
      <Box role="status">
        <Typography variant="h2" component="p" sx={{ color: colour, mt: 0.5 }}>
          {word}
        </Typography>
        <Typography variant="body2" color="textSecondary" sx={{ minHeight: 22 }}>
          {transfer.refusal ? refusalText(transfer.refusal, currencyOf(transfer)) : more}
        </Typography>
      </Box>
      <Typography sx={{ fontSize: '2.125rem', fontWeight: 650, letterSpacing: '-0.03em', mt: 1, lineHeight: 1.3 }}>
        <Money size="1em" minor={transfer.amount} of={currencyOf(transfer)} />
      </Typography>
      <VerificationStages transfer={transfer} />
      <Box className="no-print" sx={{ height: 34 }}>
        {transfer.status === 'pending' && (
          <LinearProgress
            aria-label={t('status.pending')}
            color="warning"
            sx={{ borderRadius: 2, maxWidth: 220, mx: 'auto', mb: 0.5 }}
          />
        )}
        {(running || seconds >= 1) && (
          <Typography variant="caption" color="textSecondary" sx={tabularNumbers}>
            {t(running ? 'receipt.elapsed' : 'receipt.took', { time: formatElapsed(seconds) })}
          </Typography>
        )}
      </Box>
    </Box>
  );
}
