import ChevronLeft from '@mui/icons-material/ChevronLeft';
import Box from '@mui/material/Box';
import ButtonBase from '@mui/material/ButtonBase';
import Typography from '@mui/material/Typography';
import { useQuery } from '@tanstack/react-query';
import { useId } from 'react';
import { useListContext } from 'react-admin';
import { fetchJson } from '../../api/http';
import type { List } from '../../api/types';
import { formatPeriod, today } from '../../format/dates';
import { useLanguage } from '../../i18n/staff';
import { useTimeZone } from '../hooks/useBankMeta';
import { childPeriods, parentPeriod } from '../providers/dateFilters';
import { FilterChoice } from './FilterChoice';
import { useLastDefined } from './useLastDefined';

interface Props {
  /** The filter that is set to a year, month or day. */
  name: string;
  label: string;
  /** The column whose counts by date the API returns. Without it, all dates since the bank's first are offered. */
  counted?: string;
}

/** Filters the list by year, month and day. */
export function DateFilter({ name, label, counted }: Props) {
  const { t, language } = useLanguage();
  const id = useId();
  const zone = useTimeZone();
  const { meta, filterValues, setFilters } = useListContext();
  const { [name]: part, ...rest } = filterValues as Record<string, string | undefined>;
  const counts = useLastDefined(
    counted ? (meta as { counts?: Record<string, Record<string, number>> } | undefined)?.counts?.[counted] : undefined,
  );
  const first = useQuery({
    queryKey: ['first-day'],
    enabled: !counted,
    staleTime: Infinity,
    queryFn: async () =>
      (
        await fetchJson<List<{ opened_at: string }>>('GET', '/admin/accounts', {
          query: { sort: 'opened_at', limit: 1 },
        })
      ).data[0]?.opened_at ?? null,
  }).data;
  const now = today(zone);
  const periods = counted
    ? Object.keys(counts ?? {})
        .sort()
        .reverse()
    : childPeriods(part, first ? today(zone, new Date(first)) : now, now);
  const choose = (next: string | undefined) => setFilters(next ? { ...rest, [name]: next } : rest);
  const parent = part && parentPeriod(part);
  return (
    <Box role="group" aria-labelledby={id}>
      <Typography id={id} variant="overline" component="h2" color="textSecondary">
        {label}
      </Typography>
      {part && (
        <ButtonBase
          onClick={() => choose(parent)}
          sx={{
            display: 'flex',
            py: 0.5,
            fontFamily: 'inherit',
            fontSize: '0.8125rem',
            color: 'primary.main',
            borderRadius: 1,
          }}
        >
          <ChevronLeft fontSize="small" />
          {parent ? formatPeriod(parent, language) : t('staff.allDates')}
        </ButtonBase>
      )}
      <Box sx={{ maxHeight: 260, overflowY: 'auto', mx: -1, px: 1 }}>
        {periods.map(next => (
          <FilterChoice
            key={next}
            chosen={part === next}
            text={formatPeriod(next, language)}
            count={counted ? counts?.[next] : undefined}
            onClick={() => choose(part === next ? parent : next)}
          />
        ))}
      </Box>
    </Box>
  );
}
