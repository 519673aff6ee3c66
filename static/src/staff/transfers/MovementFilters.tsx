import { AutocompleteInput, FilterLiveForm, NumberInput, ReferenceInput, TextInput } from 'react-admin';
import Box from '@mui/material/Box';
import { useQuery } from '@tanstack/react-query';
import { api } from '../../api/client';
import { written } from '../../format/number';
import { AmountInput } from '../form/AmountInput';

/** What movements are found by in words and figures. */
export function MovementFilters() {
  return (
    <FilterLiveForm>
      <Box sx={{ display: 'grid', gap: 0.5, '& .MuiFormHelperText-root': { m: 0 } }}>
        <TextInput source="account" parse={written} helperText={false} resettable size="small" fullWidth />
        <ReferenceInput source="member" reference="members" perPage={20} sort={{ field: 'username', order: 'ASC' }}>
          <AutocompleteInput helperText={false} size="small" fullWidth filterToQuery={(q: string) => (q ? { q } : {})} />
        </ReferenceInput>
        <TextInput source="text" helperText={false} resettable size="small" fullWidth />
        <Bound source="least" />
        <Bound source="most" />
      </Box>
    </FilterLiveForm>
  );
}

/** The smallest or the largest amount. Where the bank has several currencies, only minor units mean the same in each. */
function Bound({ source }: { source: string }) {
  const currencies = useQuery({ queryKey: ['meta'], queryFn: api.meta, staleTime: Infinity }).data?.currencies ?? [];
  const [only, another] = currencies;
  if (only && !another) return <AmountInput source={source} of={only} size="small" />;
  return <NumberInput source={source} helperText="staff.minor_units" min={0} size="small" fullWidth />;
}
