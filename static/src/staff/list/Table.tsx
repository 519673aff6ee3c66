import type { ReactNode } from 'react';
import { BulkActionsToolbar, DataTable, type RaRecord, type RowClickFunction, SelectAllButton, useTranslate } from 'react-admin';
import Box from '@mui/material/Box';
import { WindowedBody } from './WindowedBody';

/** As many as the service changes at a time. */
const MOST_SELECTED = 200;

interface Props {
  children: ReactNode;
  hidden?: string[];
  bulk?: ReactNode;
  windowed?: boolean;
  rowClick?: string | false | RowClickFunction<RaRecord>;
}

/** The table of a list. Long ones have only those rows in the page that are to be seen. */
export function Table({ children, hidden, bulk, windowed = false, rowClick = 'show' }: Props) {
  const t = useTranslate();
  const toolbar = bulk ? <BulkActionsToolbar selectAllButton={<SelectAllButton limit={MOST_SELECTED} />}>{bulk}</BulkActionsToolbar> : undefined;
  return (
    <DataTable
      bulkActionButtons={Boolean(bulk)} bulkActionsToolbar={toolbar} hiddenColumns={hidden} rowClick={rowClick} body={windowed ? WindowedBody : undefined}
      empty={<Box sx={{ p: 5, textAlign: 'center', color: 'text.secondary' }}>{t('staff.no_rows')}</Box>}
      sx={{ '& .RaDataTable-tableWrapper': { overflowX: 'auto' }, '& td, & th': { whiteSpace: 'nowrap', borderColor: 'divider', px: 1.25 }, '& tbody td': { height: 44, py: 0.5 }, '& tbody tr:last-child td': { borderBottom: 0 }, '& thead th': { bgcolor: 'background.paper' } }}
    >
      {children}
    </DataTable>
  );
}
