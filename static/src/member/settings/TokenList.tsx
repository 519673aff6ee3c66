import Alert from '@mui/material/Alert';
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import Typography from '@mui/material/Typography';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '../../api/client';
import type { Token } from '../../api/types';
import { formatDateTime } from '../../format/dates';
import { useLanguage } from '../../i18n/member';
import { Card } from '../components/Card';
import { ErrorAlert } from '../components/ErrorAlert';
import { useBank } from '../providers/BankProvider';
import { TokenForm } from './TokenForm';

/** The member's API tokens. */
export function TokenList() {
  const { t } = useLanguage();
  const client = useQueryClient();
  const [adding, setAdding] = useState(false);
  const query = useQuery({ queryKey: ['tokens'], queryFn: api.tokens });
  const refresh = () => client.invalidateQueries({ queryKey: ['tokens'] });
  const create = useMutation({
    mutationFn: api.createToken,
    onSuccess: () => {
      setAdding(false);
      return refresh();
    },
  });
  const revoke = useMutation({ mutationFn: api.revokeToken, onSettled: refresh });
  const active = query.data?.data.filter(token => token.active);
  const startAdding = () => {
    create.reset();
    setAdding(true);
  };
  return (
    <Card title={t('settings.tokens')}>
      <Typography color="textSecondary" variant="body2" sx={{ mb: 1.5 }}>
        {t('settings.tokensMore')}
      </Typography>
      <ErrorAlert error={query.error ?? create.error ?? revoke.error} />
      {create.data && (
        <Alert severity="success" sx={{ mb: 2 }}>
          {t('settings.tokenOnce')}
          <Box component="code" sx={{ display: 'block', overflowWrap: 'anywhere', mt: 1, userSelect: 'all' }}>
            {create.data.secret}
          </Box>
        </Alert>
      )}
      <Box component="ul" sx={{ listStyle: 'none', p: 0, m: 0 }}>
        {active?.map(token => (
          <Row key={token.id} token={token} busy={revoke.isPending} revoke={() => revoke.mutate(token.id)} />
        ))}
        {active?.length === 0 && !adding && (
          <Typography component="li" variant="body2" color="textSecondary">
            {t('settings.noTokens')}
          </Typography>
        )}
      </Box>
      {adding ? (
        <TokenForm busy={create.isPending} onCreate={create.mutate} onClose={() => setAdding(false)} />
      ) : (
        <Button variant="outlined" sx={{ mt: 1.5 }} onClick={startAdding}>
          {t('settings.newToken')}
        </Button>
      )}
    </Card>
  );
}

function Row({ token, busy, revoke }: { token: Token; busy: boolean; revoke: () => void }) {
  const { t, language } = useLanguage();
  const { meta } = useBank();
  const may = token.scopes.map(scope => t.optional(`settings.scope.${scope}`, scope)).join(', ');
  return (
    <Box component="li" sx={{ display: 'flex', justifyContent: 'space-between', alignItems: 'center', gap: 2, py: 1 }}>
      <Box sx={{ minWidth: 0 }}>
        <Typography sx={{ fontWeight: 560, overflowWrap: 'anywhere' }}>{token.name}</Typography>
        <Typography variant="caption" color="textSecondary">
          {may} · {t('settings.expires', { time: formatDateTime(token.expires_at, meta.time_zone, language) })}
          <br />
          {token.last_used_at
            ? t('settings.used', {
                time: formatDateTime(token.last_used_at, meta.time_zone, language),
                address: token.last_used_from ?? '—',
              })
            : t('settings.unused')}
        </Typography>
      </Box>
      <Button size="small" color="error" disabled={busy} onClick={revoke}>
        {t('settings.withdraw')}
      </Button>
    </Box>
  );
}
