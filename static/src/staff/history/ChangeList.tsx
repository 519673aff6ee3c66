import Alert from '@mui/material/Alert';
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import Skeleton from '@mui/material/Skeleton';
import Typography from '@mui/material/Typography';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { fetchJson } from '../../api/http';
import type { List } from '../../api/types';
import { useLanguage } from '../../i18n/staff';
import { DateTime } from '../fields/DateTime';
import { useErrorText } from '../hooks/useErrorText';
import { ChangeDiff } from './ChangeDiff';
import type { Change } from './differences';
import { ObjectLink } from './ObjectLink';

interface Props {
  /** The query for the audit log. */
  query: Record<string, string>;
  /** Shows the object of each change. */
  named?: boolean;
  limit?: number;
  /** Shows only the staff's changes, without sign-ins and members' actions. */
  work?: boolean;
  /** Renders nothing when there are no changes. */
  quiet?: boolean;
}

/** The number of entries per request, and of requests made without a click. Entries may be filtered out. */
const AT_A_TIME = 100;
const MOST_PAGES = 5;

/** Actions that read something, or were rejected, change nothing. */
const CHANGES_NOTHING = /[._](read|exported|followed|refused|repeated)$/;
const isChange = ({ action, outcome }: Change) =>
  !CHANGES_NOTHING.test(action) && (outcome === 'done' || outcome === null);
const isWork = ({ action, role }: Change) => role !== 'member' && !action.startsWith('session.');

/** The changes in the audit log, newest first, with the values before and after. */
export function ChangeList({ query, named = false, limit = 12, work = false, quiet = false }: Props) {
  const { t } = useLanguage();
  const problem = useErrorText();
  const [most, setMost] = useState(limit);
  const found = useInfiniteQuery({
    queryKey: ['audit', 'changes', query],
    initialPageParam: undefined as string | undefined,
    retry: false,
    queryFn: ({ pageParam }) =>
      fetchJson<List<Change>>('GET', '/admin/audit', { query: { ...query, limit: AT_A_TIME, cursor: pageParam } }),
    getNextPageParam: page => (page.has_more ? (page.next ?? undefined) : undefined),
  });
  const all =
    found.data?.pages.flatMap(page => page.data).filter(change => isChange(change) && (!work || isWork(change))) ?? [];
  const isShort =
    all.length < most && found.hasNextPage && !found.isFetching && (found.data?.pages.length ?? 0) < MOST_PAGES;
  const { fetchNextPage } = found;
  useEffect(() => {
    if (isShort) void fetchNextPage();
  }, [isShort, fetchNextPage]);
  if (found.error) return <Alert severity="error">{problem(found.error)}</Alert>;
  if (!found.data)
    return (
      <>
        <Skeleton height={44} />
        <Skeleton height={44} />
      </>
    );
  const changes = all.slice(0, most);
  const more = () => {
    setMost(most + limit);
    if (all.length <= most + limit && found.hasNextPage) void found.fetchNextPage();
  };
  if (changes.length === 0 && !found.hasNextPage)
    return quiet ? null : (
      <Typography variant="body2" color="textSecondary">
        {t('staff.nothing')}
      </Typography>
    );
  return (
    <>
      <Box component="ol" sx={{ listStyle: 'none', p: 0, m: 0 }}>
        {changes.map(change => (
          <Line key={change.id} change={change} named={named} />
        ))}
      </Box>
      {(found.hasNextPage || all.length > most) && (
        <Button size="small" sx={{ mt: 1 }} loading={found.isFetchingNextPage} onClick={more}>
          {t('staff.more')}
        </Button>
      )}
    </>
  );
}

function Line({ change, named }: { change: Change; named: boolean }) {
  const { t } = useLanguage();
  return (
    <Box
      component="li"
      sx={{
        py: 1.25,
        borderTop: 1,
        borderColor: 'divider',
        '&:first-of-type': { borderTop: 0 },
        display: 'grid',
        gridTemplateColumns: { md: '172px minmax(0, 1fr)' },
        columnGap: 2,
        fontSize: '0.875rem',
      }}
    >
      <Box sx={{ color: 'text.secondary' }}>
        <DateTime at={change.at} seconds />
      </Box>
      <Box sx={{ minWidth: 0 }}>
        <b>{change.username ?? t('audit.console')}</b> ·{' '}
        {t.optional(`audit.action.${change.action.replaceAll('.', '_')}`, change.action)}
        {named && change.object_id && (
          <>
            {' '}
            · <ObjectLink change={change} />
          </>
        )}
        <Box>
          <ChangeDiff change={change} />
        </Box>
      </Box>
    </Box>
  );
}
