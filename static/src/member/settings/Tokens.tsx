import Alert from '@mui/material/Alert';
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import Checkbox from '@mui/material/Checkbox';
import FormControlLabel from '@mui/material/FormControlLabel';
import TextField from '@mui/material/TextField';
import Typography from '@mui/material/Typography';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { api } from '../../api/client';
import type { Scope } from '../../api/types';
import { date } from '../../format/dates';
import { known, useLanguage } from '../../i18n';
import { Card, Failed } from '../parts';

const SCOPES = ['read', 'transfer', 'batch'] as const;
const DAYS = 90;

/** Tokens for programs: made, shown once, revoked. */
export function Tokens() {
  const { t, language } = useLanguage();
  const client = useQueryClient();
  const [name, setName] = useState('');
  const [scopes, setScopes] = useState<Scope[]>(['read']);
  const [adding, setAdding] = useState(false);
  const query = useQuery({ queryKey: ['tokens'], queryFn: api.tokens });
  const refresh = () => client.invalidateQueries({ queryKey: ['tokens'] });
  const create = useMutation({ mutationFn: () => api.createToken({ name, scopes, expires_at: new Date(Date.now() + DAYS * 86_400_000).toISOString() }), onSuccess: () => { setAdding(false); setName(''); return refresh(); } });
  const revoke = useMutation({ mutationFn: api.revokeToken, onSettled: refresh });
  const shown = query.data?.data.filter(token => token.active);
  const submit = (event: FormEvent) => { event.preventDefault(); create.mutate(); };
  return (
    <Card title={t('settings.tokens')}>
      <Typography color="textSecondary" variant="body2" sx={{ mb: 1.5 }}>{t('settings.tokensMore')}</Typography>
      <Failed error={query.error ?? create.error ?? revoke.error} />
      {create.data && <Alert severity="success" sx={{ mb: 2 }}>{t('settings.tokenOnce')}<Box component="code" sx={{ display: 'block', overflowWrap: 'anywhere', mt: 1, userSelect: 'all' }}>{create.data.secret}</Box></Alert>}
      <Box component="ul" sx={{ listStyle: 'none', p: 0, m: 0 }}>
        {shown?.map(token => (
          <Box key={token.id} component="li" sx={{ display: 'flex', justifyContent: 'space-between', alignItems: 'center', gap: 2, py: 1 }}>
            <Box>
              <Typography sx={{ fontWeight: 560 }}>{token.name}</Typography>
              <Typography variant="caption" color="textSecondary">{[...token.scopes.map(scope => known(t, 'settings.scope', scope, scope)), token.expires_at && t('settings.expires', { time: date(token.expires_at.slice(0, 10), language) })].filter(Boolean).join(' · ')}</Typography>
            </Box>
            <Button size="small" color="error" disabled={revoke.isPending} onClick={() => revoke.mutate(token.id)}>{t('settings.withdraw')}</Button>
          </Box>
        ))}
        {shown?.length === 0 && !adding && <Typography component="li" variant="body2" color="textSecondary">{t('settings.noTokens')}</Typography>}
      </Box>
      {adding ? (
        <Box component="form" onSubmit={submit} sx={{ display: 'grid', gridTemplateColumns: 'minmax(0, 1fr)', gap: 1.5, mt: 2 }}>
          <TextField label={t('settings.tokenName')} required value={name} onChange={event => setName(event.target.value)} slotProps={{ htmlInput: { maxLength: 64 } }} />
          <Box role="group" aria-label={t('settings.scopes')}>
            {SCOPES.map(scope => <FormControlLabel key={scope} label={t(`settings.scope.${scope}`)} control={<Checkbox checked={scopes.includes(scope)} onChange={(_, on) => setScopes(on ? [...scopes, scope] : scopes.filter(one => one !== scope))} />} />)}
          </Box>
          <Box sx={{ display: 'flex', gap: 1 }}><Button type="submit" variant="contained" disabled={!scopes.length} loading={create.isPending}>{t('settings.newToken')}</Button><Button color="inherit" onClick={() => setAdding(false)}>{t('common.cancel')}</Button></Box>
        </Box>
      ) : <Button variant="outlined" sx={{ mt: 1.5 }} onClick={() => { create.reset(); setAdding(true); }}>{t('settings.newToken')}</Button>}
    </Card>
  );
}
