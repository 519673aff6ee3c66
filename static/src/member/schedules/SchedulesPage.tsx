import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '../../api/client';
import { useLanguage } from '../../i18n/member';
import type { RequestKind } from '../../submissions/requests';
import { useUnresolved } from '../../submissions/submit';
import { UnresolvedSubmissions } from '../../submissions/UnresolvedSubmissions';
import { Card } from '../components/Card';
import { EmptyState } from '../components/EmptyState';
import { ErrorAlert } from '../components/ErrorAlert';
import { Page } from '../components/Page';
import { SkeletonRows } from '../components/SkeletonRows';
import { useAccounts } from '../providers/useAccounts';
import { NewScheduleDialog } from './NewScheduleDialog';
import { ScheduleRow } from './ScheduleRow';

const FORMS: readonly RequestKind[] = ['schedule'];

/** The page of standing orders. */
export default function SchedulesPage() {
  const { t } = useLanguage();
  const [adding, setAdding] = useState(false);
  const accounts = useAccounts()?.filter(account => account.status !== 'closed');
  const query = useQuery({ queryKey: ['schedules'], queryFn: api.schedules });
  const found = query.data?.data;
  const isOpen = useUnresolved(FORMS).length > 0;
  const button = (
    <Button variant="contained" disabled={!accounts?.length || isOpen} onClick={() => setAdding(true)}>
      {t('schedules.new')}
    </Button>
  );
  return (
    <Page title={t('schedules.title')} lead={t('schedules.lead')} aside={found?.length ? button : null}>
      <UnresolvedSubmissions kinds={FORMS} />
      {query.isError && <ErrorAlert error={query.error} retry={() => void query.refetch()} />}
      <Card flush>
        {!found && !query.isError && <SkeletonRows count={3} height={96} />}
        {found?.length === 0 && (
          <EmptyState title={t('schedules.none')} action={button}>
            {t('schedules.noneMore')}
          </EmptyState>
        )}
        {found && found.length > 0 && (
          <Box component="ul" sx={{ listStyle: 'none', m: 0, p: 0, '& > li:first-of-type': { borderTop: 0 } }}>
            {found.map(one => (
              <ScheduleRow key={one.id} schedule={one} />
            ))}
          </Box>
        )}
      </Card>
      {adding && accounts && <NewScheduleDialog accounts={accounts} onClose={() => setAdding(false)} />}
    </Page>
  );
}
