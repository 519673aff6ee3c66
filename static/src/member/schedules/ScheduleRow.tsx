import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import Chip from '@mui/material/Chip';
import Typography from '@mui/material/Typography';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '../../api/client';
import type { Schedule } from '../../api/types';
import { formatAccountNumber } from '../../format/accountNumber';
import { formatDateTime } from '../../format/dates';
import { useRefusalText } from '../../i18n/errors';
import { useLanguage } from '../../i18n/member';
import { tabularNumbers } from '../../theme';
import { ErrorAlert } from '../components/ErrorAlert';
import { Money } from '../components/Money';
import { useBank } from '../providers/BankProvider';
import { EndScheduleDialog } from './EndScheduleDialog';
import { describeRule } from './rule';

/** A standing order with its next run, its last outcome and its actions. */
export function ScheduleRow({ schedule }: { schedule: Schedule }) {
  const { t, language } = useLanguage();
  const { meta } = useBank();
  const client = useQueryClient();
  const refusalText = useRefusalText();
  const [ending, setEnding] = useState(false);
  const steer = useMutation({
    mutationFn: (change: 'pause' | 'resume' | 'cancel') => api.changeSchedule(schedule.id, change),
    onSuccess: () => {
      setEnding(false);
      return client.invalidateQueries({ queryKey: ['schedules'] });
    },
  });
  const payee = useQuery({
    queryKey: ['payee', schedule.to],
    queryFn: () => api.payee(schedule.to),
    staleTime: 60_000,
    retry: false,
  }).data;
  const isActive = schedule.status === 'active';
  const refusal = schedule.last?.refusal as { code: string; detail: string; figures?: object } | null | undefined;
  const state = [
    isActive && schedule.next_at
      ? t('schedules.next', { time: formatDateTime(schedule.next_at, meta.time_zone, language) })
      : '',
    t('schedules.runs', { count: schedule.runs }),
    schedule.failed > 0 ? t('schedules.failed', { count: schedule.failed }) : '',
  ]
    .filter(Boolean)
    .join(' · ');
  return (
    <Box
      component="li"
      sx={{
        display: 'grid',
        gridTemplateColumns: { xs: 'minmax(0, 1fr)', sm: 'minmax(0, 1fr) auto' },
        gap: 1.5,
        px: { xs: 2, sm: 3 },
        py: 2,
        borderTop: 1,
        borderColor: 'divider',
        alignItems: 'center',
      }}
    >
      <Box sx={{ minWidth: 0 }}>
        <Box sx={{ display: 'flex', alignItems: 'center', gap: 1, flexWrap: 'wrap' }}>
          <Typography sx={{ fontWeight: 620 }}>
            {schedule.sender_label || payee?.name || formatAccountNumber(schedule.to)}
          </Typography>
          <Chip
            size="small"
            variant="outlined"
            color={isActive ? 'success' : 'default'}
            label={t.optional(`schedules.status.${schedule.status}`, schedule.status)}
          />
        </Box>
        <Typography variant="body2">
          <Money minor={schedule.amount} of={schedule} sx={{ fontWeight: 560 }} /> ·{' '}
          {describeRule(t, schedule.rule, language)}
        </Typography>
        <Typography variant="caption" color="textSecondary" component="p" sx={tabularNumbers}>
          {formatAccountNumber(schedule.from)} →{' '}
          {[payee?.name, formatAccountNumber(schedule.to)].filter(Boolean).join(' ')}
        </Typography>
        <Typography variant="caption" color="textSecondary" component="p" sx={tabularNumbers}>
          {state}
        </Typography>
        {schedule.put_off_until && (
          <Typography variant="caption" color="textSecondary" component="p" sx={tabularNumbers}>
            {t('schedules.putOff', { time: formatDateTime(schedule.put_off_until, meta.time_zone, language) })}
          </Typography>
        )}
        {refusal && (
          <Typography variant="caption" component="p" sx={{ color: 'error.main' }}>
            {t('schedules.lastRefused', { reason: refusalText(refusal, schedule) })}
          </Typography>
        )}
        <ErrorAlert error={steer.error} />
      </Box>
      {schedule.status !== 'ended' && (
        <Box sx={{ display: 'flex', gap: 1 }}>
          <Button
            size="small"
            variant="outlined"
            color="inherit"
            disabled={steer.isPending}
            onClick={() => steer.mutate(isActive ? 'pause' : 'resume')}
          >
            {t(isActive ? 'schedules.pause' : 'schedules.resume')}
          </Button>
          <Button size="small" color="error" onClick={() => setEnding(true)}>
            {t('schedules.end')}
          </Button>
        </Box>
      )}
      <EndScheduleDialog
        schedule={schedule}
        open={ending}
        busy={steer.isPending}
        onClose={() => setEnding(false)}
        onEnd={() => steer.mutate('cancel')}
      />
    </Box>
  );
}
