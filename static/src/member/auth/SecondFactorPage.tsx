import Button from '@mui/material/Button';
import TextField from '@mui/material/TextField';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { api } from '../../api/client';
import type { Meta } from '../../api/types';
import { useLanguage } from '../../i18n/member';
import { ErrorAlert } from '../components/ErrorAlert';
import { type SignedInMember, useSignOut } from '../providers/session';
import { RecoveryCodes } from '../settings/RecoveryCodes';
import { TotpEnrolment } from '../settings/TotpEnrolment';
import { AuthLayout } from './AuthLayout';

/** The page on which a member sets up a required second factor. */
export default function SecondFactorPage({ me, meta }: { me: SignedInMember; meta: Meta }) {
  const { t } = useLanguage();
  const client = useQueryClient();
  const [code, setCode] = useState('');
  const begin = useMutation({ mutationFn: api.beginTotp });
  const confirm = useMutation({ mutationFn: () => api.confirmTotp(code) });
  const signOut = useSignOut();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (begin.data) confirm.mutate();
    else begin.mutate();
  };
  if (confirm.data) {
    return (
      <AuthLayout meta={meta} title={t('settings.codes')} onSubmit={event => event.preventDefault()}>
        <RecoveryCodes
          codes={confirm.data.recovery_codes}
          onKept={() => client.setQueryData(['session'], { ...me, totp: true, totp_due: false })}
        />
      </AuthLayout>
    );
  }
  return (
    <AuthLayout meta={meta} title={t('auth.secondFactor')} lead={t('auth.secondFactorLead')} onSubmit={submit}>
      <ErrorAlert error={begin.error ?? confirm.error} />
      {begin.data && <TotpEnrolment offer={begin.data} />}
      {begin.data && (
        <TextField
          name="code"
          label={t('settings.code')}
          required
          autoFocus
          value={code}
          autoComplete="one-time-code"
          onChange={event => setCode(event.target.value.replace(/\D/g, '').slice(0, 6))}
          slotProps={{ htmlInput: { inputMode: 'numeric' } }}
        />
      )}
      <Button type="submit" variant="contained" size="large" loading={begin.isPending || confirm.isPending}>
        {t(begin.data ? 'settings.confirm' : 'auth.secondFactorBegin')}
      </Button>
      <Button color="inherit" onClick={() => void signOut()}>
        {t('nav.signOut')}
      </Button>
    </AuthLayout>
  );
}
