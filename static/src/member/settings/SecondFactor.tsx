import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import TextField from '@mui/material/TextField';
import Typography from '@mui/material/Typography';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useMemo, useState } from 'react';
import { encode } from 'uqr';
import { api } from '../../api/client';
import { useLanguage } from '../../i18n';
import { Card, Failed } from '../parts';
import { useBank } from '../session';
import { PasswordField } from '../PasswordField';

/** A QR code as one path, drawn here: the secret goes nowhere else. */
function Code({ text, label }: { text: string; label: string }) {
  const { size, path } = useMemo(() => {
    const { data, size } = encode(text, { border: 3 });
    return { size, path: data.flatMap((row, y) => row.map((dark, x) => (dark ? `M${x} ${y}h1v1h-1z` : ''))).join('') };
  }, [text]);
  return (
    <svg viewBox={`0 0 ${size} ${size}`} width={208} height={208} role="img" aria-label={label} shapeRendering="crispEdges">
      <rect width={size} height={size} fill="#fff" />
      <path d={path} fill="#000" />
    </svg>
  );
}

/** Turning the second factor on and off. */
export function SecondFactor() {
  const { t } = useLanguage();
  const { me } = useBank();
  const client = useQueryClient();
  const [code, setCode] = useState('');
  const [password, setPassword] = useState('');
  const [leaving, setLeaving] = useState(false);
  const [kept, setKept] = useState<string[] | null>(null);
  const begin = useMutation({ mutationFn: api.beginTotp });
  const refresh = () => client.invalidateQueries({ queryKey: ['session'] });
  const confirm = useMutation({ mutationFn: () => api.confirmTotp(code), onSuccess: ({ recovery_codes }) => { setKept(recovery_codes); begin.reset(); setCode(''); return refresh(); } });
  const disable = useMutation({ mutationFn: () => api.disableTotp(password, code), onSuccess: () => { setLeaving(false); setCode(''); setPassword(''); return refresh(); } });
  const submit = (event: FormEvent) => { event.preventDefault(); if (leaving) disable.mutate(); else confirm.mutate(); };
  const codeField = <TextField label={t('settings.code')} required value={code} autoComplete="one-time-code" onChange={event => setCode(event.target.value.replace(/\D/g, '').slice(0, 6))} slotProps={{ htmlInput: { inputMode: 'numeric' } }} />;
  if (kept) {
    return (
      <Card title={t('settings.codes')}>
        <Typography color="textSecondary" variant="body2" role="status" sx={{ mb: 2 }}>{t('settings.codesMore')}</Typography>
        <Box component="ul" sx={{ columns: 2, fontFamily: 'ui-monospace, monospace', listStyle: 'none', p: 0, mb: 2 }}>{kept.map(one => <li key={one}>{one}</li>)}</Box>
        <Button variant="contained" onClick={() => setKept(null)}>{t('settings.codesKept')}</Button>
      </Card>
    );
  }
  return (
    <Card title={t('settings.second')}>
      <Typography color="textSecondary" variant="body2" sx={{ mb: 2 }}>{t(me.totp ? 'settings.secondOn' : 'settings.secondOff')}</Typography>
      <Failed error={begin.error ?? confirm.error ?? disable.error} />
      {!begin.data && !leaving && <Button variant="outlined" color={me.totp ? 'inherit' : 'primary'} loading={begin.isPending} onClick={() => (me.totp ? setLeaving(true) : begin.mutate())}>{t(me.totp ? 'settings.turnOff' : 'settings.turnOn')}</Button>}
      {(begin.data || leaving) && (
        <Box component="form" onSubmit={submit} sx={{ display: 'grid', gridTemplateColumns: 'minmax(0, 1fr)', gap: 2 }}>
          {begin.data && (
            <>
              <Typography variant="body2">{t('settings.scan')}</Typography>
              <Code text={begin.data.uri} label={t('settings.qr')} />
              <Typography variant="body2">{t('settings.key')}: <Box component="code" sx={{ overflowWrap: 'anywhere' }}>{begin.data.secret}</Box></Typography>
            </>
          )}
          {leaving && <PasswordField label={t('settings.current')} required autoComplete="current-password" value={password} onChange={event => setPassword(event.target.value)} />}
          {codeField}
          <Box sx={{ display: 'flex', gap: 1 }}>
            <Button type="submit" variant="contained" loading={confirm.isPending || disable.isPending}>{t(leaving ? 'settings.turnOff' : 'settings.confirm')}</Button>
            <Button color="inherit" onClick={() => { begin.reset(); setLeaving(false); setCode(''); }}>{t('common.cancel')}</Button>
          </Box>
        </Box>
      )}
    </Card>
  );
}
