import Button from '@mui/material/Button';
import { useQueryClient } from '@tanstack/react-query';
import type { FormEvent } from 'react';
import { api } from '../../api/client';
import type { Meta } from '../../api/types';
import { PasswordField } from '../../components/PasswordField';
import { useLanguage } from '../../i18n/member';
import { ErrorAlert } from '../components/ErrorAlert';
import { type SignedInMember, useSignOut } from '../providers/session';
import { AuthLayout } from './AuthLayout';
import { useFormFields } from './useFormFields';

const NAMES = ['current', 'new'] as const;

/** The page on which a member replaces a password that somebody else has set. */
export function NewPasswordPage({ me, meta }: { me: SignedInMember; meta: Meta }) {
  const { t } = useLanguage();
  const client = useQueryClient();
  const { values, field, send, busy, failure } = useFormFields(NAMES);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void send(async () => {
      await api.changePassword(values);
      client.setQueryData(['session'], { ...me, password_due: false });
    });
  };
  const signOut = useSignOut();
  return (
    <AuthLayout meta={meta} title={t('auth.due')} lead={t('auth.dueLead')} onSubmit={submit}>
      <ErrorAlert error={failure} />
      <input type="text" name="username" autoComplete="username" value={me.username} readOnly hidden />
      <PasswordField label={t('auth.given')} autoComplete="current-password" autoFocus {...field('current')} />
      <PasswordField label={t('settings.next')} autoComplete="new-password" {...field('new', t('auth.passwordHelp'))} />
      <Button type="submit" variant="contained" size="large" loading={busy}>
        {t('settings.change')}
      </Button>
      <Button color="inherit" onClick={() => void signOut()}>
        {t('nav.signOut')}
      </Button>
    </AuthLayout>
  );
}
