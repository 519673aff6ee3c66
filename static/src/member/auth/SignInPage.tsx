import Button from '@mui/material/Button';
import Link from '@mui/material/Link';
import TextField from '@mui/material/TextField';
import Typography from '@mui/material/Typography';
import { useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { Link as RouterLink } from 'react-router';
import { api } from '../../api/client';
import type { Meta } from '../../api/types';
import { PasswordField } from '../../components/PasswordField';
import { useLanguage } from '../../i18n/member';
import { ErrorAlert } from '../components/ErrorAlert';
import { startSession } from '../providers/session';
import { AuthLayout } from './AuthLayout';
import { useFormFields } from './useFormFields';

const NAMES = ['username', 'password', 'totp', 'recovery_code'] as const;

/** The sign-in page, with the second factor when the bank requires it. */
export function SignInPage({ meta }: { meta: Meta }) {
  const { t } = useLanguage();
  const client = useQueryClient();
  const [second, setSecond] = useState<'none' | 'totp' | 'recovery_code'>('none');
  const { values, field, send, busy, failure } = useFormFields(NAMES);

  const submit = (event: FormEvent) => {
    event.preventDefault();
    const { username, password } = values;
    const factor = second === 'none' ? {} : { [second]: values[second].replace(/\s/g, '') };
    void send(
      async () => {
        startSession(client, await api.signIn({ username, password, ...factor }));
      },
      ({ code }) => {
        if (code !== 'totp_required') return false;
        setSecond('totp');
        return true;
      },
    );
  };
  return (
    <AuthLayout meta={meta} title={t(second === 'none' ? 'auth.lead' : 'auth.second')} onSubmit={submit}>
      <ErrorAlert error={failure} />
      {second === 'none' && (
        <TextField
          label={t('auth.username')}
          autoComplete="username"
          autoFocus
          {...field('username')}
          slotProps={{ htmlInput: { autoCapitalize: 'none', spellCheck: false } }}
        />
      )}
      {second === 'none' && (
        <PasswordField label={t('credentials.password')} autoComplete="current-password" {...field('password')} />
      )}
      {second === 'totp' && (
        <TextField
          key="totp"
          label={t('credentials.totp')}
          autoFocus
          autoComplete="one-time-code"
          {...field('totp')}
          slotProps={{ htmlInput: { inputMode: 'numeric', maxLength: 7 } }}
        />
      )}
      {second === 'recovery_code' && (
        <TextField
          key="recovery"
          label={t('credentials.recoveryCode')}
          autoFocus
          autoComplete="off"
          {...field('recovery_code')}
        />
      )}
      <Button type="submit" variant="contained" size="large" loading={busy}>
        {t('auth.in')}
      </Button>
      {second !== 'none' && (
        <Button onClick={() => setSecond(second === 'totp' ? 'recovery_code' : 'totp')}>
          {t(second === 'totp' ? 'auth.useRecovery' : 'auth.useTotp')}
        </Button>
      )}
      {second === 'none' && meta.sign_up && (
        <Typography variant="body2" color="textSecondary" align="center">
          {t('auth.new')}{' '}
          <Link component={RouterLink} to="/sign-up" sx={{ fontWeight: 600, textDecoration: 'underline' }}>
            {t('auth.up')}
          </Link>
        </Typography>
      )}
    </AuthLayout>
  );
}
