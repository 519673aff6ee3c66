import Close from '@mui/icons-material/CloseOutlined';
import Box from '@mui/material/Box';
import Checkbox from '@mui/material/Checkbox';
import FormControlLabel from '@mui/material/FormControlLabel';
import IconButton from '@mui/material/IconButton';
import MenuItem from '@mui/material/MenuItem';
import TextField from '@mui/material/TextField';
import { useEffect } from 'react';
import { formatAccountNumber } from '../../format/accountNumber';
import { parseAmount } from '../../format/amountInput';
import { formatAmount } from '../../format/money';
import { useLanguage } from '../../i18n/staff';
import { AccountNumberInput } from './AccountNumberInput';
import { CounterAmountInput } from './CounterAmountInput';
import { LabelInput } from './LabelInput';
import { STEP_KINDS, type StepBody, type StepDraft, type StepKind, stepBody } from './linkedSteps';
import { useAccountLookup } from './useAccountLookup';
import { useHoldLookup } from './useHoldLookup';

interface Props {
  /** The number of the step, from 1. */
  place: number;
  draft: StepDraft;
  change: (key: number, changes: Partial<StepDraft>) => void;
  /** Called with the body of the step, or `null` while it is incomplete. */
  report: (key: number, body: StepBody | null) => void;
  wrong: Record<string, string | undefined>;
  remove?: () => void;
}

/** One step of linked transfers. */
export function LinkedStep({ place, draft, change, report, wrong, remove }: Props) {
  const { t } = useLanguage();
  const { key, type, from, to, amount, label, hold, final } = draft;
  const isTransfer = type === 'transfer';
  const payer = useAccountLookup(isTransfer ? from : '');
  const payee = useAccountLookup(isTransfer ? to : '');
  const held = useHoldLookup(isTransfer ? '' : hold);
  const of = isTransfer ? payer.account : held.hold;
  const minor = amount ? parseAmount(amount, of?.scale ?? 0, of?.currency ?? undefined).minor : null;
  const isKnown = isTransfer ? Boolean(payer.account && payee.account) : Boolean(held.hold);
  const body = JSON.stringify(stepBody(draft, minor, isKnown));
  useEffect(() => report(key, JSON.parse(body) as StepBody | null), [key, body, report]);
  const setField = (name: keyof StepDraft) => (value: string) => change(key, { [name]: value });
  const holdText =
    held.hold &&
    `${formatAccountNumber(held.hold.from ?? '')} → ${formatAccountNumber(held.hold.to ?? '')} · ${formatAmount(held.hold.remaining, held.hold.scale ?? 0)} ${held.hold.currency}`;
  return (
    <li>
      <Box
        role="group"
        aria-label={t('counter.linking.step', { place })}
        sx={{ display: 'grid', gap: 1.5, border: 1, borderColor: 'divider', borderRadius: '14px', p: 2 }}
      >
        <Box sx={{ display: 'flex', gap: 1, alignItems: 'center' }}>
          <TextField
            select
            size="small"
            sx={{ flexGrow: 1 }}
            label={t('counter.linking.step', { place })}
            value={type}
            onChange={event => change(key, { type: event.target.value as StepKind })}
          >
            {STEP_KINDS.map(kind => (
              <MenuItem key={kind} value={kind}>
                {t(`audit.value.${kind}`)}
              </MenuItem>
            ))}
          </TextField>
          {remove && (
            <IconButton size="small" aria-label={t('counter.linking.remove', { place })} onClick={remove}>
              <Close fontSize="small" />
            </IconButton>
          )}
        </Box>
        {isTransfer ? (
          <>
            <AccountNumberInput
              name={`from-${place}`}
              label={t('counter.holding.from')}
              value={from}
              onChange={setField('from')}
              account={payer.account}
              unknown={payer.unknown}
              wrong={wrong.from}
            />
            <AccountNumberInput
              name={`to-${place}`}
              label={t('counter.holding.to')}
              value={to}
              onChange={setField('to')}
              account={payee.account}
              unknown={payee.unknown}
              wrong={wrong.to}
            />
          </>
        ) : (
          <TextField
            required
            name={`hold-${place}`}
            label={t('counter.linking.hold')}
            value={hold}
            autoComplete="off"
            error={held.unknown || Boolean(wrong.hold)}
            helperText={wrong.hold ?? (held.unknown ? t('counter.linking.noHold') : (holdText ?? ' '))}
            onChange={event => setField('hold')(event.target.value.trim())}
            slotProps={{ formHelperText: { 'aria-live': 'polite' } }}
          />
        )}
        {type !== 'void' && (
          <CounterAmountInput
            value={amount}
            onChange={setField('amount')}
            of={of}
            wrong={wrong.amount}
            hint={isTransfer ? undefined : t('counter.linking.allLeft')}
          />
        )}
        {type === 'settle' && amount !== '' && (
          <FormControlLabel
            control={<Checkbox checked={final} onChange={event => change(key, { final: event.target.checked })} />}
            label={t('counter.holding.rest')}
          />
        )}
        {isTransfer && (
          <LabelInput
            name={`label-${place}`}
            label={t('counter.label')}
            value={label}
            onChange={setField('label')}
            wrong={wrong.sender_label ?? wrong.receiver_label}
          />
        )}
      </Box>
    </li>
  );
}
