import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import Dialog from '@mui/material/Dialog';
import DialogActions from '@mui/material/DialogActions';
import DialogContent from '@mui/material/DialogContent';
import DialogTitle from '@mui/material/DialogTitle';
import MenuItem from '@mui/material/MenuItem';
import TextField from '@mui/material/TextField';
import Typography from '@mui/material/Typography';
import { useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import type { Account, ScheduleOrder } from '../../api/types';
import { parseAmount } from '../../format/amountInput';
import { addDays, today } from '../../format/dates';
import { useLanguage } from '../../i18n/member';
import { memberRequests } from '../../submissions/requests';
import { useSubmit } from '../../submissions/useSubmit';
import { ErrorAlert } from '../components/ErrorAlert';
import { useBank } from '../providers/BankProvider';
import { AccountField } from '../transfer/AccountField';
import { AmountField } from '../transfer/AmountField';
import { clipLabel } from '../transfer/clipLabel';
import { PayeeField } from '../transfer/PayeeField';
import { usePayee } from '../transfer/usePayee';
import { createRule, FREQUENCIES, type Frequency } from './rule';

/** The dialog for a new standing order. */
export function NewScheduleDialog({ accounts, onClose }: { accounts: Account[]; onClose: () => void }) {
  const { t } = useLanguage();
  const { meta } = useBank();
  const client = useQueryClient();
  const tomorrow = addDays(today(meta.time_zone), 1);
  const [from, setFrom] = useState(accounts[0]?.number ?? '');
  const [to, setTo] = useState('');
  const [amount, setAmount] = useState('');
  const [label, setLabel] = useState('');
  const [every, setEvery] = useState<Frequency>('month');
  const [start, setStart] = useState(tomorrow);
  const [asked, setAsked] = useState(false);
  const account = accounts.find(one => one.number === from);
  const found = usePayee(to);
  const minor = parseAmount(amount, account?.scale ?? 0, account?.currency).minor ?? 0;
  const { submit, isSubmitting, error } = useSubmit({
    onAnswered: () => {
      void client.invalidateQueries({ queryKey: ['schedules'] });
      onClose();
    },
    // The page offers to finish it. Left in the dialog, it would be sent twice.
    onUnknown: onClose,
  });
  if (!account) return null;
  const isSame = to !== '' && to === from;
  const handleSubmit = (event: FormEvent) => {
    event.preventDefault();
    setAsked(true);
    if (!found.payee || minor === 0 || !start || isSame) return;
    const order: ScheduleOrder = {
      from,
      to,
      amount: minor,
      rule: createRule(every, start, meta.time_zone),
      ...(label && { sender_label: label }),
      ...(every !== 'once' && { starts_on: start }),
    };
    void submit(memberRequests.schedule(order, { minor, currency: account.currency, scale: account.scale, from, to }));
  };
  const wrongPayee = isSame ? t('refusal.same_account') : asked && !to ? t('transfer.needPayee') : null;
  return (
    <Dialog open onClose={onClose} fullWidth maxWidth="sm" aria-labelledby="new-order">
      <Box component="form" onSubmit={handleSubmit} noValidate sx={{ display: 'contents' }}>
        <DialogTitle id="new-order">{t('schedules.new')}</DialogTitle>
        <DialogContent>
          <ErrorAlert error={error} />
          <Box sx={{ display: 'grid', gridTemplateColumns: 'minmax(0, 1fr)', gap: 2.5, pt: 1 }}>
            <AccountField value={from} onChange={setFrom} accounts={accounts} />
            <PayeeField value={to} onChange={setTo} found={found} without={from} error={wrongPayee} />
            <AmountField
              value={amount}
              onChange={setAmount}
              currency={account.currency}
              scale={account.scale}
              available={null}
              asked={asked}
            />
            <Box
              sx={{
                display: 'grid',
                gridTemplateColumns: { xs: 'minmax(0, 1fr)', sm: 'repeat(3, minmax(0, 1fr))' },
                gap: 2,
              }}
            >
              <TextField
                select
                label={t('schedules.every')}
                value={every}
                onChange={event => setEvery(event.target.value as Frequency)}
              >
                {FREQUENCIES.map(one => (
                  <MenuItem key={one} value={one}>
                    {t(`schedules.${one}`)}
                  </MenuItem>
                ))}
              </TextField>
              <TextField
                type="date"
                required
                label={t('schedules.starts')}
                value={start}
                error={asked && !start}
                onChange={event => setStart(event.target.value)}
                slotProps={{ inputLabel: { shrink: true }, htmlInput: { min: tomorrow } }}
              />
              <TextField
                label={t('transfer.senderLabel')}
                value={label}
                onChange={event => setLabel(clipLabel(event.target.value))}
              />
            </Box>
            <Typography variant="caption" color="textSecondary">
              {t('schedules.when')}
            </Typography>
          </Box>
        </DialogContent>
        <DialogActions sx={{ p: 2.5 }}>
          <Button color="inherit" onClick={onClose}>
            {t('common.cancel')}
          </Button>
          <Button type="submit" variant="contained" loading={isSubmitting}>
            {t('schedules.create')}
          </Button>
        </DialogActions>
      </Box>
    </Dialog>
  );
}
