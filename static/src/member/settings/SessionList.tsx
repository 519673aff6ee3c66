import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import Chip from '@mui/material/Chip';
import Typography from '@mui/material/Typography';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { api } from '../../api/client';
import type { Session } from '../../api/types';
import { formatDateTime } from '../../format/dates';
import { useLanguage } from '../../i18n/member';
import { Card } from '../components/Card';
import { ErrorAlert } from '../components/ErrorAlert';
import { SkeletonRows } from '../components/SkeletonRows';
import { useBank } from '../providers/BankProvider';
import { describeDevice } from './device';

/** The member's sessions, each with a button that ends it. */
export function SessionList() {
  const { t } = useLanguage();
  const client = useQueryClient();
  const query = useQuery({ queryKey: ['sessions'], queryFn: api.sessions });
  const revoke = useMutation({
    mutationFn: api.revokeSession,
    onSettled: () => client.invalidateQueries({ queryKey: ['sessions'] }),
  });
  return (
    <Card title={t('settings.sessions')} flush>
      <ErrorAlert error={query.error ?? revoke.error} />
      {!query.data && !query.isError && <SkeletonRows count={2} />}
      <Box component="ul" sx={{ listStyle: 'none', m: 0, p: 0 }}>
        {query.data?.data.map(one => (
          <Row key={one.id} session={one} busy={revoke.isPending} revoke={() => revoke.mutate(one.id)} />
        ))}
      </Box>
    </Card>
  );
}

function Row({ session, busy, revoke }: { session: Session; busy: boolean; revoke: () => void }) {
  const { t, language } = useLanguage();
  const { meta } = useBank();
  return (
    <Box
      component="li"
      sx={{
        display: 'flex',
        alignItems: 'center',
        justifyContent: 'space-between',
        gap: 2,
        px: { xs: 2, sm: 3 },
        py: 1.5,
        borderTop: 1,
        borderColor: 'divider',
      }}
    >
      <Box sx={{ minWidth: 0 }}>
        <Box sx={{ display: 'flex', alignItems: 'center', gap: 1, flexWrap: 'wrap' }}>
          <Typography sx={{ fontWeight: 560 }}>{describeDevice(session.user_agent)}</Typography>
          {session.current && <Chip size="small" label={t('settings.thisOne')} color="success" variant="outlined" />}
        </Box>
        <Typography variant="caption" color="textSecondary">
          {session.address} ·{' '}
          {t('settings.lastSeen', { time: formatDateTime(session.last_seen_at, meta.time_zone, language) })}
        </Typography>
      </Box>
      {!session.current && (
        <Button size="small" color="error" disabled={busy} onClick={revoke}>
          {t('settings.revoke')}
        </Button>
      )}
    </Box>
  );
}
