import Alert from '@mui/material/Alert';
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import Paper from '@mui/material/Paper';
import TextField from '@mui/material/TextField';
import ToggleButton from '@mui/material/ToggleButton';
import ToggleButtonGroup from '@mui/material/ToggleButtonGroup';
import { type FormEvent, useState } from 'react';
import { Confirm, useTranslate } from 'react-admin';
import { useSearchParams } from 'react-router-dom';
import { digits, parse, typed } from '../../format/money';
import { shown, typing, written } from '../../format/number';
import { figures } from '../../theme';
import { PageHead } from '../PageHead';
import { useMay } from '../useMay';
import { useProblem } from '../useProblem';
import { Customer } from './Customer';
import { Receipt } from './Receipt';
import { type Kind, useCash } from './useCash';
import { useCustomer } from './useCustomer';

const LONGEST_LABEL = 10;
const LONGEST_REFERENCE = 140;

/** The teller's desk: cash in and cash out. */
export default function Counter() {
  const t = useTranslate();
  const may = useMay();
  const problem = useProblem();
  const [params] = useSearchParams();
  const [kind, setKind] = useState<Kind>('deposit');
  const [number, setNumber] = useState(params.get('account') ?? '');
  const [amount, setAmount] = useState('');
  const [label, setLabel] = useState('');
  const [reference, setReference] = useState('');
  const [asking, ask] = useState(false);
  const { account, unknown, refetch } = useCustomer(number);
  const cash = useCash(() => {
    setAmount('');
    setLabel('');
    setReference('');
    void refetch();
  });
  const minor = parse(amount, account?.scale ?? 0).minor ?? 0;
  const wrong = cash.wrong;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (account && minor > 0) ask(true);
  };
  const book = () => {
    ask(false);
    cash.book(kind, { [kind === 'deposit' ? 'to' : 'from']: number, amount: minor, ...(label && { label }), ...(reference && { reference }) });
  };
  if (!may('create', 'counter')) return <Alert severity="info">{t('ra.message.access_denied')}</Alert>;
  return (
    <Box sx={{ display: 'grid', gap: 2.5, gridTemplateColumns: { xs: 'minmax(0, 1fr)', md: 'minmax(0, 520px) minmax(0, 420px)' }, alignItems: 'start' }}>
      <Box sx={{ gridColumn: '1 / -1' }}><PageHead title={t('staff.counter')} /></Box>
      <Paper variant="outlined" component="form" onSubmit={submit} sx={{ p: { xs: 2, sm: 3 }, display: 'grid', gap: 2 }}>
        <ToggleButtonGroup exclusive fullWidth size="small" sx={{ '& .MuiToggleButton-root': { color: 'text.primary' } }} aria-label={t('resources.transfers.fields.kind')} value={kind} onChange={(_, next: Kind | null) => next && setKind(next)}>
          <ToggleButton value="deposit">{t('staff.kind.deposit')}</ToggleButton><ToggleButton value="withdrawal">{t('staff.kind.withdrawal')}</ToggleButton>
        </ToggleButtonGroup>
        <TextField required autoFocus name="account" label={t('staff.account')} value={typing(number)} autoComplete="off" error={unknown || Boolean(wrong.account)} helperText={wrong.account ?? (unknown ? t('staff.unknown_account') : ' ')} onChange={event => setNumber(written(event.target.value))} slotProps={{ input: { sx: figures }, formHelperText: { 'aria-live': 'polite' } }} />
        <TextField required name="amount" label={t('staff.amount')} value={amount} autoComplete="off" error={Boolean(wrong.amount)} helperText={wrong.amount ?? ' '} onChange={event => setAmount(typed(event.target.value, account?.scale ?? 0))} slotProps={{ htmlInput: { inputMode: 'decimal' }, input: { sx: { ...figures, fontSize: '1.125rem' }, endAdornment: account?.currency } }} />
        <TextField name="label" label={t('staff.label')} value={label} error={Boolean(wrong.label)} helperText={wrong.label ?? t('staff.label_help')} onChange={event => setLabel([...event.target.value].slice(0, LONGEST_LABEL).join(''))} />
        <TextField name="reference" label={t('resources.transfers.fields.reference')} value={reference} error={Boolean(wrong.reference)} helperText={wrong.reference} onChange={event => setReference(event.target.value.slice(0, LONGEST_REFERENCE))} />
        {cash.error !== null && <Alert severity="error" role="alert">{problem(cash.error)}</Alert>}
        <Button type="submit" variant="contained" size="large" disabled={!account || minor === 0} loading={cash.isPending}>{t(`staff.do.${kind}`)}</Button>
      </Paper>
      <Box sx={{ display: 'grid', gap: 2.5 }} aria-live="polite">
        <Customer account={account} />
        {cash.done && <Receipt movement={cash.done} />}
      </Box>
      <Confirm isOpen={asking} title={t(`staff.do.${kind}`)} content={t('staff.confirm_cash', { kind: t(`staff.kind.${kind}`), amount: account ? `${digits(minor, account.scale)} ${account.currency}` : '', account: shown(number), name: account?.owner.name ?? account?.owner.username ?? '' })} onConfirm={book} onClose={() => ask(false)} />
    </Box>
  );
}
