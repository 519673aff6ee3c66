import Visibility from '@mui/icons-material/VisibilityOutlined';
import VisibilityOff from '@mui/icons-material/VisibilityOffOutlined';
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import IconButton from '@mui/material/IconButton';
import InputAdornment from '@mui/material/InputAdornment';
import Link from '@mui/material/Link';
import TextField, { type TextFieldProps } from '@mui/material/TextField';
import Typography from '@mui/material/Typography';
import { useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { Link as RouterLink, useLocation, useNavigate } from 'react-router';
import { api } from '../api/client';
import { asFailure, type Failure } from '../api/problem';
import type { Meta } from '../api/types';
import { known, useLanguage } from '../i18n';
import { Mark } from './Frame';
import { Failed } from './parts';
import { remember } from './session';

export function PasswordField(props: TextFieldProps) {
  const { t } = useLanguage();
  const [shown, show] = useState(false);
  const toggle = (
    <InputAdornment position="end">
      <IconButton edge="end" onClick={() => show(!shown)} aria-label={t(shown ? 'sign.hide' : 'sign.show')}>{shown ? <VisibilityOff /> : <Visibility />}</IconButton>
    </InputAdornment>
  );
  return <TextField fullWidth type={shown ? 'text' : 'password'} {...props} slotProps={{ input: { endAdornment: toggle } }} />;
}

/** Signing in and signing up, with the second factor when the bank asks for it. */
export function SignIn({ meta }: { meta: Meta }) {
  const { t, language, setLanguage } = useLanguage();
  const client = useQueryClient();
  const navigate = useNavigate();
  const joining = useLocation().pathname === '/sign-up' && meta.sign_up;
  const [values, setValues] = useState({ username: '', password: '', name: '', email: '', totp: '', recovery: '' });
  const [second, setSecond] = useState<'none' | 'totp' | 'recovery'>('none');
  const [failure, setFailure] = useState<Failure | null>(null);
  const [busy, setBusy] = useState(false);

  const field = (name: keyof typeof values) => {
    const wrong = failure?.fields.find(found => found.field === name);
    return {
      name, value: values[name], required: true, fullWidth: true, error: Boolean(wrong), disabled: busy,
      ...(wrong && { helperText: known(t, 'error', wrong.code, wrong.detail) }),
      onChange: (event: { target: { value: string } }) => setValues({ ...values, [name]: event.target.value }),
    };
  };
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    setFailure(null);
    const { username, password, name, email, totp, recovery } = values;
    try {
      if (joining) await api.signUp({ username, password, name, email });
      const factor = second === 'totp' ? { totp: totp.replace(/\s/g, '') } : second === 'recovery' ? { recovery_code: recovery.trim() } : {};
      const state = await api.signIn({ username, password, ...factor });
      remember(true);
      client.setQueryData(['session'], state.member);
      if (joining) void navigate('/', { replace: true });
    } catch (error) {
      const found = asFailure(error);
      if (found.code === 'totp_required') setSecond('totp');
      else setFailure(found);
      setBusy(false);
    }
  };
  const atField = failure?.fields.some(found => found.field in values);
  return (
    <Box sx={{ minHeight: '100vh', display: 'grid', gridTemplateColumns: { md: '1fr 1fr' } }}>
      <Box sx={{ display: { xs: 'none', md: 'flex' }, flexDirection: 'column', justifyContent: 'space-between', p: 6, bgcolor: '#0f3d33', color: '#f3efe4', backgroundImage: 'repeating-linear-gradient(transparent 0 55px, rgb(243 239 228 / 6%) 55px 56px)' }}>
        <Box component="span" sx={{ fontWeight: 650, fontSize: '1.125rem' }}>{meta.name || t('app.name')}</Box>
        <Box>
          <Typography sx={{ fontSize: 'clamp(2rem, 3.4vw, 3.25rem)', fontWeight: 620, letterSpacing: '-0.03em', lineHeight: 1.18, maxWidth: '14ch' }}>{t('sign.motto')}</Typography>
          <Typography sx={{ mt: 2, color: '#c9d6cc' }}>{t('sign.mottoMore')}</Typography>
        </Box>
        <Box aria-hidden sx={{ width: 44, height: 44, borderRadius: '10px', bgcolor: '#c8472c', display: 'grid', placeItems: 'center', fontWeight: 700, fontSize: '1.25rem' }}>장</Box>
      </Box>
      <Box component="main" sx={{ display: 'flex', flexDirection: 'column', p: { xs: 3, sm: 6 } }}>
        <Box sx={{ display: 'flex', justifyContent: 'space-between', alignItems: 'center', minHeight: 40 }}>
          <Box sx={{ visibility: { md: 'hidden' } }}><Mark /></Box>
          <Button color="inherit" size="small" lang={language === 'ko' ? 'en' : 'ko'} onClick={() => setLanguage(language === 'ko' ? 'en' : 'ko')}>{language === 'ko' ? 'English' : '한국어'}</Button>
        </Box>
        <Box component="form" onSubmit={submit} noValidate={false} sx={{ m: 'auto', width: '100%', maxWidth: 380, py: 5, display: 'grid', gap: 2.25 }}>
          <Typography variant="h1" sx={{ mb: 1 }}>{t(second !== 'none' ? 'sign.second' : joining ? 'sign.upLead' : 'sign.lead')}</Typography>
          {!atField && <Failed error={failure} />}
          {second === 'none' && (
            <>
              <TextField label={t('sign.username')} autoComplete="username" autoFocus helperText={joining ? t('sign.usernameHelp') : undefined} {...field('username')} />
              {joining && <TextField label={t('sign.name')} autoComplete="name" {...field('name')} />}
              {joining && <TextField label={t('sign.email')} type="email" autoComplete="email" {...field('email')} />}
              <PasswordField label={t('sign.password')} autoComplete={joining ? 'new-password' : 'current-password'} helperText={joining ? t('sign.passwordHelp') : undefined} {...field('password')} />
            </>
          )}
          {second === 'totp' && <TextField key="totp" label={t('sign.totp')} autoFocus autoComplete="one-time-code" {...field('totp')} slotProps={{ htmlInput: { inputMode: 'numeric', maxLength: 7 } }} />}
          {second === 'recovery' && <TextField key="recovery" label={t('sign.recovery')} autoFocus autoComplete="off" {...field('recovery')} />}
          <Button type="submit" variant="contained" size="large" loading={busy}>{t(joining ? 'sign.create' : 'sign.in')}</Button>
          {second !== 'none' ? (
            <Button onClick={() => setSecond(second === 'totp' ? 'recovery' : 'totp')}>{t(second === 'totp' ? 'sign.useRecovery' : 'sign.useTotp')}</Button>
          ) : (meta.sign_up &&
            <Typography variant="body2" color="textSecondary" align="center">
              {t(joining ? 'sign.known' : 'sign.new')} <Link component={RouterLink} to={joining ? '/' : '/sign-up'} onClick={() => setFailure(null)} sx={{ fontWeight: 600, textDecoration: 'underline' }}>{t(joining ? 'sign.in' : 'sign.up')}</Link>
            </Typography>
          )}
        </Box>
      </Box>
    </Box>
  );
}
