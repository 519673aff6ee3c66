import Box from '@mui/material/Box';
import MenuItem from '@mui/material/MenuItem';
import TextField from '@mui/material/TextField';
import { AutocompleteInput, FilterLiveForm, ReferenceInput, TextInput } from 'react-admin';
import { useFormContext, useWatch } from 'react-hook-form';
import { normalizeAccountNumber } from '../../format/accountNumber';
import { useLanguage } from '../../i18n/staff';
import { AmountInput } from '../form/AmountInput';
import { useBankMeta } from '../hooks/useBankMeta';

const BOUNDS = ['least', 'most'] as const;
const NO_CURRENCY = { code: '', scale: 0 };

/** Filters by account, member, text and amount. */
export function TransferFilters() {
  return (
    <FilterLiveForm>
      <Box
        sx={{
          display: 'grid',
          gap: 0.5,
          '& .MuiFormHelperText-root': { m: 0 },
          '& .MuiFormHelperText-root.Mui-disabled': { color: 'text.secondary' },
        }}
      >
        <TextInput
          source="account"
          parse={normalizeAccountNumber}
          helperText={false}
          resettable
          size="small"
          fullWidth
        />
        <ReferenceInput source="member" reference="members" perPage={20} sort={{ field: 'username', order: 'ASC' }}>
          <AutocompleteInput
            helperText={false}
            size="small"
            fullWidth
            filterToQuery={(q: string) => (q ? { q } : {})}
          />
        </ReferenceInput>
        <TextInput source="text" helperText={false} resettable size="small" fullWidth />
        <Bounds />
      </Box>
    </FilterLiveForm>
  );
}

/**
 * Filters by the smallest and the largest amount. If the bank has several currencies, one has to be selected first, and
 * another selection clears the amounts.
 */
function Bounds() {
  const { t } = useLanguage();
  const { setValue, getValues } = useFormContext();
  const chosen = useWatch({ name: 'currency' }) as string | undefined;
  const currencies = useBankMeta().data?.currencies ?? [];
  const of = currencies.length === 1 ? currencies[0] : currencies.find(({ code }) => code === chosen);
  const choose = (code: string) => {
    // An empty filter is removed, not set to an empty value.
    for (const bound of BOUNDS) if (getValues(bound) !== null) setValue(bound, null, { shouldDirty: true });
    setValue('currency', code, { shouldDirty: true });
  };
  return (
    <>
      {currencies.length > 1 && (
        <TextField
          select
          fullWidth
          size="small"
          margin="dense"
          label={t('resources.transfers.fields.currency')}
          value={of?.code ?? ''}
          onChange={event => choose(event.target.value)}
        >
          <MenuItem value="">{t('staff.any')}</MenuItem>
          {currencies.map(({ code }) => (
            <MenuItem key={code} value={code}>
              {code}
            </MenuItem>
          ))}
        </TextField>
      )}
      {BOUNDS.map(bound => (
        <AmountInput
          key={`${bound} ${of?.code}`}
          source={bound}
          of={of ?? NO_CURRENCY}
          size="small"
          disabled={!of}
          helperText={of ? undefined : t('staff.currencyFirst')}
        />
      ))}
    </>
  );
}
