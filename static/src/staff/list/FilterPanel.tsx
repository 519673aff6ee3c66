import Button from '@mui/material/Button';
import type { ReactNode } from 'react';
import { useListContext } from 'react-admin';
import { useLanguage } from '../../i18n/staff';
import { SavedFilters } from './SavedFilters';

/** The filters of a list, with saved filters and a button that clears them. */
export function FilterPanel({ children }: { children: ReactNode }) {
  const { t } = useLanguage();
  const { filterValues, setFilters } = useListContext();
  const used = Object.keys((filterValues ?? {}) as object).length > 0;
  return (
    <>
      <SavedFilters />
      {children}
      <Button size="small" color="secondary" variant="outlined" disabled={!used} onClick={() => setFilters({})}>
        {t('ra.navigation.clear_filters')}
      </Button>
    </>
  );
}
