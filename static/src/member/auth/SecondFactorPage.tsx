import Button from '@mui/material/Button';
import TextField from '@mui/material/TextField';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { api } from '../../api/client';
import type { Meta } from '../../api/types';
import { useLanguage } from '../../i18n/index';
import { Failed } from '../components/parts';
import { type Me, useSignOut } from '../providers/session';
import { Offered, RecoveryCodes } from '../settings/TotpEnrolment';
import { SignLayout } from './AuthLayout';

/** A second factor, before anything else, for whom the bank requires one of. */
export default function FactorDue({ me, meta }: { me: Me; meta: Meta }) {
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
      <SignLayout meta={meta} title={t('settings.codes')} onSubmit={event => event.preventDefault()}>
        <RecoveryCodes
          codes={confirm.data.recovery_codes}
          onKept={() => client.setQueryData(['session'], { ...me, totp: true, totp_due: false })}
        />
      </SignLayout>
    );
  }
  return (
    <SignLayout meta={meta} title={t('proof.factorDue')} lead={t('proof.factorDueLead')} onSubmit={submit}>
      <Failed error={begin.error ?? confirm.error} />
      {begin.data && <Offered offer={begin.data} />}
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
        {t(begin.data ? 'settings.confirm' : 'proof.factorBegin')}
      </Button>
      <Button color="inherit" onClick={() => void signOut()}>
        {t('nav.signOut')}
      </Button>
    </SignLayout>
  );
}
