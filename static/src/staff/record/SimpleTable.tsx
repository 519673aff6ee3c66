import Box from '@mui/material/Box';
import Skeleton from '@mui/material/Skeleton';
import Table from '@mui/material/Table';
import TableBody from '@mui/material/TableBody';
import TableCell from '@mui/material/TableCell';
import TableHead from '@mui/material/TableHead';
import TableRow from '@mui/material/TableRow';
import type { ReactNode } from 'react';
import { useLanguage } from '../../i18n/staff';

export interface SimpleColumn<T> {
  name: string;
  value: (row: T) => ReactNode;
  right?: boolean;
}

interface Props<T> {
  label: string;
  columns: SimpleColumn<T>[];
  rows: T[] | undefined;
  keyOf: (row: T) => string;
  empty?: string;
}

/** A small table within a page, which scrolls sideways, also by keyboard. */
export function SimpleTable<T>({ label, columns, rows, keyOf, empty }: Props<T>) {
  const { t } = useLanguage();
  if (!rows)
    return (
      <Box aria-hidden sx={{ px: 2.5, pb: 2 }}>
        <Skeleton height={40} />
        <Skeleton height={40} />
      </Box>
    );
  if (rows.length === 0)
    return (
      <Box sx={{ px: 2.5, pb: 2.5, color: 'text.secondary', fontSize: '0.875rem' }}>{empty ?? t('staff.nothing')}</Box>
    );
  return (
    <Box
      tabIndex={0}
      role="region"
      aria-label={label}
      sx={{
        position: 'relative',
        overflowX: 'auto',
        '& td, & th': { whiteSpace: 'nowrap', borderColor: 'divider' },
        '& tr:last-child td': { borderBottom: 0 },
        '& th': { color: 'text.secondary', fontSize: '0.8125rem' },
        '& td': { height: 42, py: 0.25 },
      }}
    >
      <Table size="small">
        <TableHead>
          <TableRow>
            {columns.map(column => (
              <TableCell key={column.name} align={column.right ? 'right' : 'left'}>
                {column.name || (
                  <Box
                    component="span"
                    sx={{
                      position: 'absolute',
                      width: '1px',
                      height: '1px',
                      overflow: 'hidden',
                      clipPath: 'inset(50%)',
                    }}
                  >
                    {t('staff.actions')}
                  </Box>
                )}
              </TableCell>
            ))}
          </TableRow>
        </TableHead>
        <TableBody>
          {rows.map(row => (
            <TableRow key={keyOf(row)}>
              {columns.map(column => (
                <TableCell key={column.name} align={column.right ? 'right' : 'left'}>
                  {column.value(row)}
                </TableCell>
              ))}
            </TableRow>
          ))}
        </TableBody>
      </Table>
    </Box>
  );
}
