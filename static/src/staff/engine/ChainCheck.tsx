import Alert from '@mui/material/Alert';
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import LinearProgress from '@mui/material/LinearProgress';
import Typography from '@mui/material/Typography';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { fetchJson } from '../../api/http';
import { useLanguage } from '../../i18n/staff';
import { DateTime } from '../fields/DateTime';
import { Money } from '../fields/Money';
import { useCan } from '../hooks/useCan';
import { useErrorText } from '../hooks/useErrorText';
import { Card } from '../record/Card';
import { DescriptionList } from '../record/DescriptionList';

interface CheckState {
  status: 'running' | 'sound' | 'faulty';
  began_at: string;
  ended_at: string | null;
  checked: number;
  through: number;
  fault: string | null;
  accounts: number | null;
  currencies: { currency: string; scale: number; customers: number; cash: number; fees: number }[];
}

const KEY = ['engine', 'check'];
const LOOK_MS = 500;

/** Starts a check of the whole journal while the bank is running, and shows its progress. */
export function ChainCheck() {
  const { t } = useLanguage();
  const can = useCan();
  const problem = useErrorText();
  const client = useQueryClient();
  // Before the first check the service answers 404, which is not fetched again.
  const { data: check } = useQuery({
    queryKey: KEY,
    queryFn: () => fetchJson<CheckState>('GET', '/admin/engine/check'),
    enabled: query => query.state.data?.status === 'running',
    refetchInterval: query => (query.state.data?.status === 'running' ? LOOK_MS : false),
  });
  const start = useMutation({
    mutationFn: () => fetchJson<CheckState>('POST', '/admin/engine/check'),
    onSuccess: begun => client.setQueryData(KEY, begun),
  });
  const running = check?.status === 'running';
  const percent = check ? Math.min(100, Math.floor((check.checked / Math.max(1, check.through)) * 100)) : 0;
  return (
    <Card
      title={t('engine.check')}
      aside={
        can('edit', 'accounts') && (
          <Button
            size="small"
            variant="outlined"
            disabled={running}
            loading={start.isPending}
            onClick={() => start.mutate()}
          >
            {t('engine.checkNow')}
          </Button>
        )
      }
    >
      <Typography variant="body2" color="textSecondary" sx={{ mb: 1.5 }}>
        {t('engine.checkWords')}
      </Typography>
      {Boolean(start.error) && <Alert severity="error">{problem(start.error)}</Alert>}
      <Box role="status">
        {running && (
          <>
            <LinearProgress variant="determinate" value={percent} aria-label={t('engine.check')} />
            <Typography variant="caption">
              {t('engine.checking', {
                percent,
                checked: check.checked,
                through: check.through,
              })}
            </Typography>
          </>
        )}
        {check?.status === 'sound' && (
          <Alert severity="success">
            {t('engine.sound', {
              checked: check.checked,
              accounts: check.accounts ?? 0,
            })}
          </Alert>
        )}
        {check?.status === 'faulty' && (
          <Alert severity="error">{t('engine.faulty', { detail: check.fault ?? '' })}</Alert>
        )}
      </Box>
      {check?.status === 'sound' && (
        <Box sx={{ mt: 2 }}>
          <DescriptionList
            rows={[
              [t('engine.began'), <DateTime key="b" at={check.began_at} seconds />],
              [t('engine.ended'), <DateTime key="e" at={check.ended_at} seconds />],
              ...check.currencies.map(
                sums =>
                  [
                    t('engine.sums', { currency: sums.currency }),
                    <Money key={sums.currency} minor={sums.customers + sums.cash + sums.fees} of={sums} />,
                  ] as [string, ReactNode],
              ),
            ]}
          />
        </Box>
      )}
    </Card>
  );
}
