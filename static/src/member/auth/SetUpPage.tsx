import Alert from '@mui/material/Alert';
import Button from '@mui/material/Button';
import TextField from '@mui/material/TextField';
import { useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useEffect, useState } from 'react';
import { useNavigate } from 'react-router';
import { api } from '../../api/client';
import type { Meta } from '../../api/types';
import { PasswordField } from '../../components/PasswordField';
import { useLanguage } from '../../i18n/member';
import { ErrorAlert } from '../components/ErrorAlert';
import { startSession } from '../providers/session';
import { AuthLayout } from './AuthLayout';
import { useFormFields } from './useFormFields';

const NAMES = ['username', 'name', 'email', 'password'] as const;

/** The page that creates the first administrator, reached by the link that a new bank prints. */
export default function SetUpPage({ meta }: { meta: Meta }) {
  const { t } = useLanguage();
  const client = useQueryClient();
  const navigate = useNavigate();
  // The fragment reaches no server log, and is removed from the address bar at once.
  const [token] = useState(() => location.hash.slice(1));
  useEffect(() => history.replaceState(history.state, '', '/setup'), []);
  const { values, field, send, busy, failure } = useFormFields(NAMES);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const { username, password } = values;
    void send(async () => {
      await api.setUp({ token, username, password, name: values.name.trim(), email: values.email.trim() });
      const state = await api.signIn({ username, password });
      void navigate('/', { replace: true });
      startSession(client, state);
    });
  };
  return (
    <AuthLayout meta={meta} title={t('auth.setUp')} lead={t('auth.setUpLead')} onSubmit={submit}>
      {!token && <Alert severity="warning">{t('auth.setUpNoToken')}</Alert>}
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
      <Button type="submit" variant="contained" size="large" disabled={!token} loading={busy}>
        {t('auth.setUpCreate')}
      </Button>
    </AuthLayout>
  );
}
