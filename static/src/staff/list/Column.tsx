import Box from '@mui/material/Box';
import TableCell from '@mui/material/TableCell';
import TableSortLabel from '@mui/material/TableSortLabel';
import type { MouseEvent } from 'react';
import {
  DataTable,
  type DataTableColumnProps,
  FieldTitle,
  useDataTableRenderContext,
  useDataTableStoreContext,
  useListContext,
  useResourceContext,
  useStore,
} from 'react-admin';
import { useLanguage } from '../../i18n/staff';
import { parseSort, toggleSort } from '../providers/sorting';

interface Props extends DataTableColumnProps {
  /** The API's column to sort by, by default the source; `false` for none. */
  by?: string | false;
}

/** A column of a list. A click on its header sorts by it; with Shift or Ctrl, after the columns chosen before. */
export function Column({ by, ...props }: Props) {
  const context = useDataTableRenderContext();
  if (context === 'header') return <Head by={by ?? props.source ?? false} {...props} />;
  return <DataTable.Col {...props} disableSort />;
}

function Head({ by, source, label, align }: Props) {
  const { t } = useLanguage();
  const resource = useResourceContext();
  const { sort, setSort } = useListContext();
  const { storeKey, defaultHiddenColumns } = useDataTableStoreContext();
  const [hidden] = useStore<string[]>(storeKey, defaultHiddenColumns);
  if (hidden.includes(source ?? String(label))) return null;
  const keys = parseSort(sort.field);
  const place = keys.findIndex(key => key.column === by);
  const key = keys[place];
  const direction = key?.down ? 'desc' : 'asc';
  const choose = (event: MouseEvent) =>
    by &&
    setSort({ field: toggleSort(sort.field, by, event.shiftKey || event.ctrlKey || event.metaKey), order: 'ASC' });
  const title = <FieldTitle label={label} source={source} resource={resource} />;
  return (
    <TableCell
      variant="head"
      align={align}
      sortDirection={key ? direction : false}
      sx={{ whiteSpace: 'nowrap', fontWeight: 600, color: 'text.secondary', fontSize: '0.8125rem' }}
    >
      {by ? (
        <TableSortLabel active={Boolean(key)} direction={direction} onClick={choose} title={t('staff.sortHelp')}>
          {title}
          {key && keys.length > 1 && (
            <Box component="span" sx={{ ml: 0.5, fontSize: '0.6875rem', fontWeight: 700 }}>
              {place + 1}
            </Box>
          )}
        </TableSortLabel>
      ) : (
        title
      )}
    </TableCell>
  );
}
