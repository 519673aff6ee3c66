import Box from '@mui/material/Box';
import type { ReactNode } from 'react';
import { DataTable, type RaRecord, type RowClickFunction, useResourceContext } from 'react-admin';
import { useLanguage } from '../../i18n/staff';
import { BulkToolbar } from './BulkToolbar';
import { SelectColumn } from './SelectColumn';
import { VirtualTableBody } from './VirtualTableBody';

interface Props {
  children: ReactNode;
  hidden?: string[];
  bulk?: ReactNode;
  windowed?: boolean;
  rowClick?: string | false | RowClickFunction<RaRecord>;
}

const LOOK = {
  '& .RaDataTable-tableWrapper': { overflow: 'visible' },
  '& td, & th': { whiteSpace: 'nowrap', borderColor: 'divider', px: 1.25 },
  '& tbody td': { height: 44, py: 0.5 },
  '& tbody tr:last-child td': { borderBottom: 0 },
  '& thead th': { bgcolor: 'background.paper' },
};

/** The table of a list, which scrolls sideways. A long one renders only the visible rows. */
export function RecordTable({ children, hidden, bulk, windowed = false, rowClick = 'show' }: Props) {
  const { t } = useLanguage();
  const resource = useResourceContext();
  return (
    <Box sx={{ position: 'relative' }}>
      {bulk && <BulkToolbar>{bulk}</BulkToolbar>}
      <Box
        tabIndex={0}
        role="region"
        aria-label={t.optional(`resources.${resource}.name`, '', { count: 2 })}
        sx={{ overflowX: 'auto', outlineOffset: -2 }}
      >
        <DataTable
          bulkActionButtons={false}
          hiddenColumns={hidden}
          rowClick={rowClick}
          body={windowed ? VirtualTableBody : undefined}
          sx={LOOK}
          empty={<Box sx={{ p: 5, textAlign: 'center', color: 'text.secondary' }}>{t('staff.noRows')}</Box>}
        >
          {bulk && <SelectColumn />}
          {children}
        </DataTable>
      </Box>
    </Box>
  );
}
