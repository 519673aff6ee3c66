import Alert from '@mui/material/Alert';
import Box from '@mui/material/Box';
import Typography from '@mui/material/Typography';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { fetchJson } from '../../api/http';
import type { List } from '../../api/types';
import { formatElapsed } from '../../format/dates';
import { useLanguage } from '../../i18n/staff';
import { tabularNumbers } from '../../theme';
import { changePendingTransfer } from '../api/actions';
import { AccountLink } from '../fields/AccountLink';
import { InlineLink } from '../fields/InlineLink';
import { Money } from '../fields/Money';
import { useCan } from '../hooks/useCan';
import { useErrorText } from '../hooks/useErrorText';
import { ActionButton } from '../record/ActionButton';
import { SimpleTable } from '../record/SimpleTable';

interface PendingTransfer {
  id: string;
  stage: string | null;
  asked: number;
  from: string;
  to: string;
  amount: number;
  currency: string;
  scale: number;
  placed_at: string;
  age_s: number;
}

const LOOK_MS = 2_000;
const SHOWN = 100;

/** The transfers in verification, oldest first, with the administrator's actions. */
export function PendingQueue() {
  const { t } = useLanguage();
  const can = useCan();
  const problem = useErrorText();
  const client = useQueryClient();
  const { data, error, dataUpdatedAt } = useQuery({
    queryKey: ['pending'],
    queryFn: () =>
      fetchJson<List<PendingTransfer> & { total: number }>('GET', '/admin/pending', { query: { limit: SHOWN } }),
    refetchInterval: LOOK_MS,
    retry: false,
  });
  const refetch = () => void client.invalidateQueries({ queryKey: ['pending'] });
  if (error && !data)
    return (
      <Alert severity="error" sx={{ m: 2 }}>
        {problem(error)}
      </Alert>
    );
  const actions = (row: PendingTransfer) => (
    <Box sx={{ display: 'inline-flex', gap: 0.5 }}>
      <ActionButton
        size="small"
        variant="text"
        color="primary"
        name={t('staff.retry')}
        question={t('staff.retryQuestion')}
        done={t('staff.retried')}
        run={() => changePendingTransfer(row.id, 'retry')}
        after={refetch}
      />
      <ActionButton
        size="small"
        variant="text"
        color="error"
        name={t('staff.cancel')}
        question={t('staff.cancelQuestion')}
        done={t('staff.cancelled')}
        run={() => changePendingTransfer(row.id, 'cancel')}
        after={refetch}
      />
    </Box>
  );
  return (
    <>
      <SimpleTable
        label={t('staff.pending')}
        rows={data?.data}
        keyOf={row => row.id}
        empty={t('engine.none')}
        columns={[
          {
            name: t('resources.transfers.fields.id'),
            value: row => <InlineLink to={`/transfers/${row.id}/show`}>{row.id.slice(-8)}</InlineLink>,
          },
          { name: t('resources.transfers.fields.from'), value: row => <AccountLink number={row.from} /> },
          { name: t('resources.transfers.fields.to'), value: row => <AccountLink number={row.to} /> },
          {
            name: t('resources.transfers.fields.amount'),
            right: true,
            value: row => <Money minor={row.amount} of={row} />,
          },
          { name: t('engine.age'), right: true, value: row => <Age since={row.age_s} at={dataUpdatedAt} /> },
          {
            name: t('engine.stageTitle'),
            value: row => t.optional(`engine.stage.${row.stage ?? 'over'}`, row.stage ?? ''),
          },
          { name: t('engine.asked'), right: true, value: row => row.asked },
          ...(can('edit', 'accounts') ? [{ name: '', right: true, value: actions }] : []),
        ]}
      />
      {data && data.total > data.data.length && (
        <Typography variant="caption" color="textSecondary" sx={{ px: 2.5, pb: 2, display: 'block' }}>
          {t('engine.ofAll', { shown: data.data.length, total: data.total })}
        </Typography>
      )}
    </>
  );
}

/** An age that advances between two fetches. */
function Age({ since, at }: { since: number; at: number }) {
  const [now, setNow] = useState(at);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1_000);
    return () => clearInterval(timer);
  }, []);
  return (
    <Box component="span" sx={tabularNumbers}>
      {formatElapsed(since + Math.max(0, now - at) / 1000)}
    </Box>
  );
}
