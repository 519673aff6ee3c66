import Alert from '@mui/material/Alert';
import Button from '@mui/material/Button';
import Dialog from '@mui/material/Dialog';
import DialogActions from '@mui/material/DialogActions';
import DialogContent from '@mui/material/DialogContent';
import DialogTitle from '@mui/material/DialogTitle';
import Typography from '@mui/material/Typography';
import type { Account, GrantedQuote, Payee } from '../../api/types';
import { formatAccountNumber } from '../../format/accountNumber';
import { formatMoney } from '../../format/money';
import { useLanguage } from '../../i18n/member';
import { useAccountTypeName } from '../components/useAccountTypeName';
import { useBank } from '../providers/BankProvider';

interface Props {
  account: Account;
  payee: Payee;
  quote: GrantedQuote;
  labels: { mine: string; theirs: string };
  /** Whether the transfer is being sent or its quote refreshed. */
  busy: boolean;
  /** Whether it was confirmed before and the fee has risen since. */
  isDearer: boolean;
  onClose: () => void;
  /** Called with the confirmed quote, whose fee is the most that the transfer may cost. */
  onConfirm: (quote: GrantedQuote) => void;
}

/** Describes the transfer and asks for confirmation. */
export function ConfirmDialog({ account, payee, quote, labels, busy, isDearer, onClose, onConfirm }: Props) {
  const { t, language } = useLanguage();
  const { meta } = useBank();
  const typeName = useAccountTypeName();
  const formatInCurrency = (minor: number) => formatMoney(minor, account.currency, account.scale, language);
  const amount = formatInCurrency(quote.amount);
  const total = formatInCurrency(quote.total);
  const place = {
    amount,
    type: typeName(account.type),
    from: formatAccountNumber(account.number),
    to: formatAccountNumber(payee.number),
  };
  const { mine, theirs } = labels;
  const sentences = [
    payee.own
      ? t('transfer.wordsOwn', place)
      : payee.name
        ? t('transfer.words', { ...place, name: payee.name })
        : t('transfer.wordsNameless', place),
    quote.fee ? t('transfer.wordsFee', { fee: formatInCurrency(quote.fee), total }) : t('transfer.wordsFree'),
    mine && theirs
      ? t('transfer.wordsLabels', { mine, theirs })
      : mine
        ? t('transfer.wordsMine', { mine })
        : theirs
          ? t('transfer.wordsTheirs', { theirs })
          : '',
    t(meta.verification === 'none' ? 'transfer.wordsNow' : 'transfer.wordsLater'),
  ].filter(Boolean);
  return (
    <Dialog
      open
      onClose={onClose}
      fullWidth
      maxWidth="xs"
      aria-labelledby="confirm-title"
      aria-describedby="confirm-words"
    >
      <DialogTitle id="confirm-title" sx={{ fontSize: '1.375rem', fontWeight: 640, letterSpacing: '-0.02em', pt: 3 }}>
        {t('transfer.confirmTitle', { amount })}
      </DialogTitle>
      <DialogContent id="confirm-words">
        {isDearer && (
          <Alert severity="warning" sx={{ mb: 2 }}>
            {t('transfer.dearer')}
          </Alert>
        )}
        {sentences.map((text, at) => (
          <Typography key={text} color={at === 0 ? 'textPrimary' : 'textSecondary'} sx={{ mb: 1.25 }}>
            {text}
          </Typography>
        ))}
      </DialogContent>
      <DialogActions sx={{ px: 3, pb: 3, gap: 1 }}>
        <Button color="inherit" size="large" disabled={busy} onClick={onClose}>
          {t('common.cancel')}
        </Button>
        <Button
          variant="contained"
          size="large"
          autoFocus
          loading={busy}
          onClick={() => onConfirm(quote)}
          sx={{ flex: 1 }}
        >
          {t('transfer.confirm', { amount })}
        </Button>
      </DialogActions>
    </Dialog>
  );
}
