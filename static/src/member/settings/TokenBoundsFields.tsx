import Box from '@mui/material/Box';
import Checkbox from '@mui/material/Checkbox';
import FormControlLabel from '@mui/material/FormControlLabel';
import TextField from '@mui/material/TextField';
import { formatAccountNumber } from '../../format/accountNumber';
import { parseAmount } from '../../format/amountInput';
import { useLanguage } from '../../i18n/member';
import { useAccounts } from '../providers/useAccounts';
import type { Bounds, CurrencyUnit } from './tokenBounds';

interface Props {
  value: Bounds;
  onChange: (bounds: Bounds) => void;
  fitting: { own: boolean; perDay: boolean };
  currency: CurrencyUnit | undefined;
}

/** The bounds of a token: accounts, payees, addresses and an amount per day. An empty field sets no bound. */
export function TokenBoundsFields({ value, onChange, fitting, currency }: Props) {
  const { t } = useLanguage();
  const accounts = useAccounts()?.filter(account => account.status !== 'closed') ?? [];
  const set = (part: Partial<Bounds>) => onChange({ ...value, ...part });
  const toggle = (number: string, on: boolean) =>
    set({ accounts: on ? [...value.accounts, number] : value.accounts.filter(one => one !== number) });
  const wrong = Boolean(
    currency && value.perDay.trim() && parseAmount(value.perDay, currency.scale, currency.code).minor === null,
  );
  return (
    <Box sx={{ display: 'grid', gridTemplateColumns: 'minmax(0, 1fr)', gap: 1.5 }}>
      {fitting.own && (
        <Box role="group" aria-label={t('settings.boundAccounts')}>
          {accounts.map(({ number }) => (
            <FormControlLabel
              key={number}
              label={formatAccountNumber(number)}
              control={<Checkbox checked={value.accounts.includes(number)} onChange={(_, on) => toggle(number, on)} />}
            />
          ))}
        </Box>
      )}
      {fitting.own && (
        <TextField
          name="payees"
          label={t('settings.boundPayees')}
          helperText={t('settings.boundMany')}
          value={value.payees}
          onChange={event => set({ payees: event.target.value })}
        />
      )}
      {fitting.perDay && currency && (
        <TextField
          name="per_day"
          label={t('settings.boundPerDay', { currency: currency.code })}
          value={value.perDay}
          error={wrong}
          onChange={event => set({ perDay: event.target.value })}
          slotProps={{ htmlInput: { inputMode: 'decimal' } }}
        />
      )}
      <TextField
        name="addresses"
        label={t('settings.boundAddresses')}
        helperText={t('settings.boundMany')}
        value={value.addresses}
        onChange={event => set({ addresses: event.target.value })}
      />
    </Box>
  );
}
