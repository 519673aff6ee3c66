import Checkbox from '@mui/material/Checkbox';
import TableCell from '@mui/material/TableCell';
import type { MouseEvent } from 'react';
import {
  useDataTableCallbacksContext,
  useDataTableDataContext,
  useDataTableRenderContext,
  useDataTableSelectedIdsContext,
  useRecordContext,
} from 'react-admin';
import { useLanguage } from '../../i18n/staff';

/** The column of checkboxes. Unlike react-admin's, each has a name for assistive technology. */
export function SelectColumn() {
  const part = useDataTableRenderContext();
  switch (part) {
    case 'header':
      return <SelectPage />;
    case 'data':
      return <SelectRow />;
    default:
      return null;
  }
}

function SelectPage() {
  const { t } = useLanguage();
  const rows = useDataTableDataContext() ?? [];
  const selected = useDataTableSelectedIdsContext() ?? [];
  const { onSelect } = useDataTableCallbacksContext();
  const here = rows.map(row => row.id);
  const count = here.filter(id => selected.includes(id)).length;
  const others = selected.filter(id => !here.includes(id));
  return (
    <TableCell variant="head" padding="checkbox">
      <Checkbox
        size="small"
        checked={count > 0 && count === here.length}
        indeterminate={count > 0 && count < here.length}
        onChange={event => onSelect?.(event.target.checked ? [...others, ...here] : others)}
        slotProps={{ input: { 'aria-label': t('ra.action.select_all') } }}
      />
    </TableCell>
  );
}

function SelectRow() {
  const { t } = useLanguage();
  const record = useRecordContext();
  const selected = useDataTableSelectedIdsContext() ?? [];
  const { handleToggleItem } = useDataTableCallbacksContext();
  if (!record) return null;
  const toggle = (event: MouseEvent) => {
    event.stopPropagation();
    handleToggleItem?.(record.id, event as MouseEvent<HTMLInputElement>);
  };
  return (
    <TableCell padding="checkbox">
      <Checkbox
        size="small"
        checked={selected.includes(record.id)}
        onClick={toggle}
        slotProps={{ input: { 'aria-label': `${t('ra.action.select_row')}: ${record.id}` } }}
      />
    </TableCell>
  );
}
