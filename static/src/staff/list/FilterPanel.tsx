import Button from '@mui/material/Button';
import type { ReactNode } from 'react';
import { SavedQueriesList, useListContext, useTranslate } from 'react-admin';
import Box from '@mui/material/Box';

/** The filters of a list, with those that were saved under a name, and the way back to none. */
export function FilterPanel({ children }: { children: ReactNode }) {
  const t = useTranslate();
  const { filterValues, setFilters } = useListContext();
  const used = Object.keys((filterValues ?? {}) as object).length > 0;
  return (
    <>
      <Box sx={{ position: 'relative', '& .MuiTypography-overline': { color: 'text.secondary' } }}><SavedQueriesList icon={null} /></Box>
      {children}
      <Button size="small" color="inherit" variant="outlined" disabled={!used} onClick={() => setFilters({})}>{t('ra.navigation.clear_filters')}</Button>
    </>
  );
}
