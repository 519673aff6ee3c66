/** Columns and filters that several resources share. */
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import Chip from '@mui/material/Chip';
import { FilterButton, FunctionField, type RaRecord, SelectColumnsButton, CreateButton, TopToolbar, useListContext, useLocale, useTranslate } from 'react-admin';
import { useQuery } from '@tanstack/react-query';
import { api } from '../api/client';
import { moment } from '../format/dates';
import { digits } from '../format/money';
import { figures } from '../theme';
import { download } from '../api/http';

const sortText = ({ field, order }: { field: string; order: string }) => (field === 'id' ? undefined : (order === 'DESC' ? '-' : '') + field);

export const useZone = () => useQuery({ queryKey: ['meta'], queryFn: api.meta, staleTime: Infinity }).data?.time_zone ?? 'UTC';

/** An amount of the record, in its currency's scale, in a column of figures. */
export const Amount = ({ source }: { source: string; label?: string }) => (
  <FunctionField source={source} render={(record: RaRecord) => {
    const value = record[source] as number | null | undefined;
    return <Box component="span" sx={{ ...figures, whiteSpace: 'nowrap' }}>{value === null || value === undefined ? '–' : `${digits(value, (record.scale as number | null) ?? 0)} ${record.currency ?? ''}`}</Box>;
  }} />
);

function Moment({ at }: { at: string | null | undefined }) {
  const zone = useZone();
  const locale = useLocale();
  return <Box component="span" sx={{ ...figures, whiteSpace: 'nowrap' }}>{at ? moment(at, zone, locale === 'ko' ? 'ko' : 'en') : '–'}</Box>;
}

/** A moment of the record, in the bank's time zone. */
export const Time = ({ source }: { source: string; label?: string }) => <FunctionField source={source} render={(record: RaRecord) => <Moment at={record[source] as string | null} />} />;

const COLOURS: Record<string, 'success' | 'warning' | 'error' | 'default'> = { open: 'success', posted: 'success', active: 'success', frozen: 'warning', pending: 'warning', held: 'warning', refused: 'error', rejected: 'error' };

/** A state of the record as a small mark. */
export const State = ({ source }: { source: string; label?: string }) => (
  <FunctionField source={source} render={(record: RaRecord) => <Chip size="small" variant="outlined" color={COLOURS[String(record[source])] ?? 'default'} label={String(record[source] ?? '–')} />} />
);

/** What stands over every list: filters, columns, new records, and everything that fits as CSV. */
export function Actions({ create = false }: { create?: boolean }) {
  const t = useTranslate();
  const { resource, filterValues, sort } = useListContext();
  return (
    <TopToolbar>
      <FilterButton />
      <SelectColumnsButton />
      {create && <CreateButton />}
      <Button size="small" onClick={() => void download(resource === 'transfers' ? '/transfers' : `/admin/${resource}`, { ...(filterValues as Record<string, string>), sort: sortText(sort) }, `${resource}.csv`)}>CSV · {t('ra.action.export')}</Button>
    </TopToolbar>
  );
}

/** A filter by the values that a column has, each with the number of rows that it would leave. */
export function Counted({ column }: { column: string }) {
  const t = useTranslate();
  const { resource, meta, filterValues, setFilters } = useListContext();
  const counts = (meta as { counts?: Record<string, Record<string, number>> } | undefined)?.counts?.[column];
  if (!counts) return null;
  const chosen = (filterValues as Record<string, unknown>)[column];
  return (
    <Box role="group" aria-label={t(`resources.${resource}.fields.${column}`, { _: column })} sx={{ display: 'flex', gap: 0.75, flexWrap: 'wrap', alignItems: 'center', p: 1 }}>
      <Box component="span" sx={{ fontSize: '0.8125rem', color: 'text.secondary' }}>{t(`resources.${resource}.fields.${column}`, { _: column })}</Box>
      {Object.entries(counts).map(([value, count]) => (
        <Chip key={value} size="small" clickable aria-pressed={chosen === value} color={chosen === value ? 'primary' : 'default'} variant={chosen === value ? 'filled' : 'outlined'} label={`${value} ${count}`}
          onClick={() => { const { [column]: _, ...rest } = filterValues as Record<string, unknown>; setFilters(chosen === value ? rest : { ...rest, [column]: value }); }} />
      ))}
    </Box>
  );
}
