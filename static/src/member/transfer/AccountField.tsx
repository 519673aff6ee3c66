import Box from '@mui/material/Box';
import MenuItem from '@mui/material/MenuItem';
import TextField from '@mui/material/TextField';
import type { Account } from '../../api/types';
import { formatAccountNumber } from '../../format/accountNumber';
import { formatMoney } from '../../format/money';
import { useLanguage } from '../../i18n/member';
import { tabularNumbers } from '../../theme';
import { useAccountTypeName } from '../components/useAccountTypeName';

interface Props {
  value: string;
  onChange: (number: string) => void;
  accounts: Account[];
  error?: string | null;
}

/** Selects one of the member's accounts, with its available amount. */
export function AccountField({ value, onChange, accounts, error }: Props) {
  const { t, language } = useLanguage();
  const typeName = useAccountTypeName();
  const account = accounts.find(found => found.number === value);
  const available = account
    ? `${t('account.available')} ${formatMoney(account.available, account.currency, account.scale, language)}`
    : ' ';
  return (
    <TextField
      select
      fullWidth
      name="from"
      label={t('transfer.from')}
      value={value}
      error={Boolean(error)}
      helperText={error ?? available}
      onChange={event => onChange(event.target.value)}
      // A number wraps instead of being cut off.
      slotProps={{
        select: {
          renderValue: () =>
            account && (
              <>
                {typeName(account.type)} ·{' '}
                <Box component="span" sx={{ whiteSpace: 'nowrap' }}>
                  {formatAccountNumber(account.number)}
                </Box>
              </>
            ),
        },
        input: { sx: { ...tabularNumbers, '& .MuiSelect-select.MuiSelect-select': { whiteSpace: 'normal' } } },
      }}
    >
      {accounts.map(one => (
        <MenuItem
          key={one.number}
          value={one.number}
          sx={{
            ...tabularNumbers,
            justifyContent: 'space-between',
            columnGap: 2,
            minHeight: 44,
            flexWrap: 'wrap',
            whiteSpace: 'normal',
          }}
        >
          <span>
            {typeName(one.type)} · {formatAccountNumber(one.number)}
          </span>
          <Box component="span" sx={{ color: 'text.secondary' }}>
            {formatMoney(one.available, one.currency, one.scale, language)}
          </Box>
        </MenuItem>
      ))}
    </TextField>
  );
}
