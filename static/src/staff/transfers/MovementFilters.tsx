import { AutocompleteInput, FilterLiveForm, NumberInput, ReferenceInput, TextInput } from 'react-admin';
import Box from '@mui/material/Box';

import { written } from '../../format/number';

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
        <NumberInput source="least" helperText="staff.minor_units" min={0} size="small" fullWidth />
        <NumberInput source="most" helperText="staff.minor_units" min={0} size="small" fullWidth />
      </Box>
    </FilterLiveForm>
  );
}
