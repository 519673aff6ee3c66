import Add from '@mui/icons-material/Add';
import FilterList from '@mui/icons-material/FilterListOutlined';
import Badge from '@mui/material/Badge';
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import Paper from '@mui/material/Paper';
import type { Theme } from '@mui/material/styles';
import Typography from '@mui/material/Typography';
import useMediaQuery from '@mui/material/useMediaQuery';
import { type ReactNode, useId, useState } from 'react';
import {
  ColumnsButton,
  InfiniteListBase,
  ListBase,
  Pagination,
  useCanAccess,
  useListContext,
  useResourceContext,
} from 'react-admin';
import { Link } from 'react-router-dom';
import { useLanguage } from '../../i18n/staff';
import { PageHeader } from '../layout/PageHeader';
import { ExportButtons } from './ExportButtons';
import { ListError } from './ListError';
import { LoadMoreRows } from './LoadMoreRows';
import { SearchInput } from './SearchInput';

const SIZES = [25, 50, 100, 200];

interface Props {
  /** The initial order, as the API writes it. */
  order: string;
  /** The content of the filter panel. */
  panel: ReactNode;
  /** Shows a search field. */
  searched?: boolean;
  /** Loads more rows while scrolling, instead of page by page. */
  endless?: boolean;
  create?: boolean;
  /** An action beside the heading, instead of the one that creates a record. */
  action?: ReactNode;
  filters?: Record<string, unknown>;
  /** Shown above the table, such as sums. */
  summary?: ReactNode;
  children: ReactNode;
}

/** The page of a list: search, filters, columns, pages and export. */
export function ListPage({ order, endless = false, filters, ...view }: Props) {
  const shared = {
    sort: { field: order, order: 'ASC' as const },
    exporter: false as const,
    filterDefaultValues: filters,
    queryOptions: { refetchOnWindowFocus: false },
  };
  if (endless)
    return (
      <InfiniteListBase {...shared} perPage={200}>
        <View {...view} endless />
      </InfiniteListBase>
    );
  return (
    <ListBase {...shared} perPage={25}>
      <View {...view} />
    </ListBase>
  );
}

function View({
  panel,
  searched = false,
  endless = false,
  create = false,
  action,
  summary,
  children,
}: Omit<Props, 'order' | 'filters'>) {
  const { t } = useLanguage();
  const resource = useResourceContext() ?? '';
  const { total, isPending, filterValues, data } = useListContext();
  const { canAccess: mayCreate } = useCanAccess({ resource, action: 'create' });
  const wide = useMediaQuery((theme: Theme) => theme.breakpoints.up('lg'));
  const [open, setOpen] = useState(false);
  const id = useId();
  const used = Object.keys((filterValues ?? {}) as object).filter(name => name !== 'q').length;
  const shown = wide || open;
  const count = total ?? undefined;
  return (
    <Box sx={{ display: 'grid', gap: 2, gridTemplateColumns: 'minmax(0, 1fr)' }}>
      <PageHeader
        title={t.optional(`resources.${resource}.name`, resource, { count: 2 })}
        aside={
          action ||
          (create && mayCreate && (
            <Button component={Link} to={`/${resource}/create`} variant="contained" startIcon={<Add />}>
              {t('ra.action.create')}
            </Button>
          ))
        }
        note={!isPending && count !== undefined ? t('staff.rows', { count }) : undefined}
      />
      <Box sx={{ display: 'flex', gap: 1, flexWrap: 'wrap', alignItems: 'center' }}>
        {searched && <SearchInput />}
        <Box sx={{ flexGrow: 1 }} />
        {!wide && (
          <Badge badgeContent={used} color="primary">
            <Button
              size="small"
              color="secondary"
              variant="outlined"
              startIcon={<FilterList />}
              aria-expanded={open}
              aria-controls={id}
              onClick={() => setOpen(!open)}
            >
              {t('staff.filters')}
            </Button>
          </Badge>
        )}
        <ColumnsButton size="small" color="secondary" variant="outlined" />
        <ExportButtons />
      </Box>
      <Box
        sx={{
          display: 'grid',
          gap: 2.5,
          alignItems: 'start',
          gridTemplateColumns: { xs: 'minmax(0, 1fr)', lg: 'minmax(0, 1fr) 232px' },
        }}
      >
        <Box
          id={id}
          component="aside"
          aria-label={t('staff.filters')}
          hidden={!shown}
          sx={{
            order: { lg: 2 },
            position: { lg: 'sticky' },
            top: 72,
            maxHeight: { lg: 'calc(100vh - 96px)' },
            overflowY: 'auto',
          }}
        >
          {shown && (
            <Paper variant="outlined" sx={{ p: 2, display: 'grid', gap: 2.5 }}>
              {panel}
            </Paper>
          )}
        </Box>
        <Box sx={{ minWidth: 0, display: 'grid', gap: 1.5 }}>
          {summary}
          <ListError />
          <Paper variant="outlined" sx={{ overflow: 'hidden', minWidth: 0 }}>
            {children}
          </Paper>
          {endless ? (
            <>
              <LoadMoreRows />
              {data && (
                <Typography variant="caption" color="textSecondary" role="status">
                  {t('staff.shown', { count: data.length })}
                </Typography>
              )}
            </>
          ) : (
            <Pagination rowsPerPageOptions={SIZES} />
          )}
        </Box>
      </Box>
    </Box>
  );
}
