import Button from '@mui/material/Button';
import Link from '@mui/material/Link';
import TextField from '@mui/material/TextField';
import Typography from '@mui/material/Typography';
import { useQueryClient } from '@tanstack/react-query';
import type { FormEvent } from 'react';
import { Link as RouterLink, useNavigate } from 'react-router';
import { api } from '../../api/client';
import type { Meta } from '../../api/types';
import { PasswordField } from '../../components/PasswordField';
import { useLanguage } from '../../i18n/member';
import { ErrorAlert } from '../components/ErrorAlert';
import { startSession } from '../providers/session';
import { AuthLayout } from './AuthLayout';
import { useFormFields } from './useFormFields';

const NAMES = ['username', 'name', 'email', 'password'] as const;

/** The page on which a customer becomes a member. */
export function SignUpPage({ meta }: { meta: Meta }) {
  const { t } = useLanguage();
  const client = useQueryClient();
  const navigate = useNavigate();
  const { values, field, send, busy, failure } = useFormFields(NAMES);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const { username, password } = values;
    void send(async () => {
      await api.signUp({ username, password, name: values.name.trim(), email: values.email.trim() });
      const state = await api.signIn({ username, password });
      void navigate('/', { replace: true });
      startSession(client, state);
    });
  };
  return (
    <AuthLayout meta={meta} title={t('auth.upLead')} onSubmit={submit}>
      <ErrorAlert error={failure} />
      <TextField
        label={t('auth.username')}
        autoComplete="username"
        autoFocus
        {...field('username', t('auth.usernameHelp'))}
        slotProps={{ htmlInput: { autoCapitalize: 'none', spellCheck: false } }}
      />
      <TextField label={t('auth.name')} autoComplete="name" {...field('name')} />
      <TextField label={t('auth.email')} type="email" autoComplete="email" {...field('email')} />
      <PasswordField
        label={t('credentials.password')}
        autoComplete="new-password"
        {...field('password', t('auth.passwordHelp'))}
      />
      <Button type="submit" variant="contained" size="large" loading={busy}>
        {t('auth.create')}
      </Button>
      <Typography variant="body2" color="textSecondary" align="center">
        {t('auth.known')}{' '}
        <Link component={RouterLink} to="/" sx={{ fontWeight: 600, textDecoration: 'underline' }}>
          {t('auth.in')}
        </Link>
      </Typography>
    </AuthLayout>
  );
}
