import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import Chip from '@mui/material/Chip';
import MenuItem from '@mui/material/MenuItem';
import TextField from '@mui/material/TextField';
import Typography from '@mui/material/Typography';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { api } from '../../api/client';
import type { Session } from '../../api/types';
import { moment } from '../../format/dates';
import { useLanguage } from '../../i18n';
import type { Mode } from '../../theme';
import { useMode } from '../../theme/Mode';
import { Card, Failed, Page, Rows } from '../parts';
import { useBank } from '../session';
import { PasswordField } from '../PasswordField';
import { SecondFactor } from './SecondFactor';
import { Tokens } from './Tokens';

/** What one sets for oneself. */
export default function Settings() {
  const { t } = useLanguage();
  return (
    <Page title={t('settings.title')}>
      <Box sx={{ display: 'grid', gap: 3, gridTemplateColumns: { md: '1fr 1fr' }, alignItems: 'start' }}>
        <Box sx={{ display: 'grid', gap: 3 }}><Profile /><Appearance /><Tokens /></Box>
        <Box sx={{ display: 'grid', gap: 3 }}><Password /><SecondFactor /><Sessions /></Box>
      </Box>
    </Page>
  );
}

function Saved({ when }: { when: boolean }) {
  const { t } = useLanguage();
  return <Typography role="status" variant="body2" sx={{ color: 'success.main', minHeight: 22 }}>{when ? t('common.saved') : ''}</Typography>;
}

function Profile() {
  const { t } = useLanguage();
  const { me } = useBank();
  const client = useQueryClient();
  const [values, setValues] = useState({ name: me.name ?? '', email: me.email ?? '' });
  const saving = useMutation({ mutationFn: () => api.changeMe(values), onSuccess: member => client.setQueryData(['session'], member) });
  const submit = (event: FormEvent) => { event.preventDefault(); saving.mutate(); };
  return (
    <Card title={t('settings.profile')}>
      <Box component="form" onSubmit={submit} sx={{ display: 'grid', gap: 2 }}>
        <Failed error={saving.error} />
        <TextField label={t('sign.username')} value={me.username} disabled />
        <TextField label={t('sign.name')} required autoComplete="name" value={values.name} onChange={event => setValues({ ...values, name: event.target.value })} />
        <TextField label={t('sign.email')} type="email" required autoComplete="email" value={values.email} onChange={event => setValues({ ...values, email: event.target.value })} />
        <Box sx={{ display: 'flex', gap: 2, alignItems: 'center' }}><Button type="submit" variant="outlined" loading={saving.isPending}>{t('common.save')}</Button><Saved when={saving.isSuccess} /></Box>
      </Box>
    </Card>
  );
}

function Password() {
  const { t } = useLanguage();
  const { me } = useBank();
  const client = useQueryClient();
  const [values, setValues] = useState({ current: '', new: '' });
  const saving = useMutation({
    mutationFn: () => api.changePassword(values),
    onSuccess: () => { setValues({ current: '', new: '' }); void client.invalidateQueries({ queryKey: ['sessions'] }); },
  });
  const submit = (event: FormEvent) => { event.preventDefault(); saving.mutate(); };
  return (
    <Card title={t('settings.password')}>
      <Box component="form" onSubmit={submit} sx={{ display: 'grid', gap: 2 }}>
        <Failed error={saving.error} />
        <input type="text" name="username" autoComplete="username" value={me.username} readOnly hidden />
        <PasswordField label={t('settings.current')} required autoComplete="current-password" value={values.current} onChange={event => setValues({ ...values, current: event.target.value })} />
        <PasswordField label={t('settings.next')} required autoComplete="new-password" helperText={t('sign.passwordHelp')} value={values.new} onChange={event => setValues({ ...values, new: event.target.value })} />
        <Box><Button type="submit" variant="outlined" loading={saving.isPending}>{t('settings.change')}</Button></Box>
        <Typography role="status" variant="body2" sx={{ color: 'success.main' }}>{saving.isSuccess ? t('settings.changed') : ''}</Typography>
      </Box>
    </Card>
  );
}

/** A browser and system as people name them, from what a browser says of itself. */
export function device(agent: string | null): string {
  if (!agent) return '–';
  const browser = [['Edg/', 'Edge'], ['SamsungBrowser', 'Samsung Internet'], ['Whale/', 'Whale'], ['Firefox/', 'Firefox'], ['Chrome/', 'Chrome'], ['Safari/', 'Safari']].find(([sign]) => agent.includes(sign ?? ''))?.[1];
  const system = [['Android', 'Android'], ['iPhone', 'iPhone'], ['iPad', 'iPad'], ['Windows', 'Windows'], ['Mac OS', 'macOS'], ['Linux', 'Linux']].find(([sign]) => agent.includes(sign ?? ''))?.[1];
  return [browser, system].filter(Boolean).join(' · ') || agent.slice(0, 40);
}

function Sessions() {
  const { t } = useLanguage();
  const client = useQueryClient();
  const query = useQuery({ queryKey: ['sessions'], queryFn: api.sessions });
  const revoke = useMutation({ mutationFn: api.revokeSession, onSettled: () => client.invalidateQueries({ queryKey: ['sessions'] }) });
  return (
    <Card title={t('settings.sessions')} flush>
      <Failed error={query.error ?? revoke.error} />
      {!query.data ? <Rows count={2} /> : <Box component="ul" sx={{ listStyle: 'none', m: 0, p: 0 }}>{query.data.data.map(one => <Device key={one.id} session={one} busy={revoke.isPending} revoke={() => revoke.mutate(one.id)} />)}</Box>}
    </Card>
  );
}

function Device({ session, busy, revoke }: { session: Session; busy: boolean; revoke: () => void }) {
  const { t, language } = useLanguage();
  const { meta } = useBank();
  return (
    <Box component="li" sx={{ display: 'flex', alignItems: 'center', justifyContent: 'space-between', gap: 2, px: { xs: 2, sm: 3 }, py: 1.5, borderTop: 1, borderColor: 'divider' }}>
      <Box sx={{ minWidth: 0 }}>
        <Typography sx={{ fontWeight: 560 }}>{device(session.user_agent)} {session.current && <Chip size="small" label={t('settings.thisOne')} color="success" variant="outlined" />}</Typography>
        <Typography variant="caption" color="textSecondary">{session.address} · {t('settings.lastSeen', { time: moment(session.last_seen_at, meta.time_zone, language) })}</Typography>
      </Box>
      {!session.current && <Button size="small" color="error" disabled={busy} onClick={revoke}>{t('settings.revoke')}</Button>}
    </Box>
  );
}

function Appearance() {
  const { t, language, setLanguage } = useLanguage();
  const { mode, setMode } = useMode();
  return (
    <Card title={t('settings.appearance')}>
      <Box sx={{ display: 'grid', gridTemplateColumns: '1fr 1fr', gap: 2 }}>
        <TextField select label={t('settings.language')} value={language} onChange={event => setLanguage(event.target.value === 'ko' ? 'ko' : 'en')}>
          <MenuItem value="ko" lang="ko">한국어</MenuItem>
          <MenuItem value="en" lang="en">English</MenuItem>
        </TextField>
        <TextField select label={t('settings.theme')} value={mode} onChange={event => setMode(event.target.value as Mode)}>
          {(['system', 'light', 'dark'] as const).map(one => <MenuItem key={one} value={one}>{t(`settings.theme.${one}`)}</MenuItem>)}
        </TextField>
      </Box>
    </Card>
  );
}
