import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import TextField from '@mui/material/TextField';
import Typography from '@mui/material/Typography';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { api } from '../../api/client';
import { useLanguage } from '../../i18n/member';
import { Card } from '../components/Card';
import { ErrorAlert } from '../components/ErrorAlert';
import { useBank } from '../providers/BankProvider';
import { RecoveryCodes } from './RecoveryCodes';
import { TotpEnrolment } from './TotpEnrolment';

/** Turns the second factor on and off. */
export function SecondFactorSettings() {
  const { t } = useLanguage();
  const { me } = useBank();
  const client = useQueryClient();
  const [code, setCode] = useState('');
  const [leaving, setLeaving] = useState(false);
  const [kept, setKept] = useState<string[] | null>(null);
  const begin = useMutation({ mutationFn: api.beginTotp });
  const refresh = () => client.invalidateQueries();
  const confirm = useMutation({
    mutationFn: () => api.confirmTotp(code),
    onSuccess: ({ recovery_codes }) => {
      setKept(recovery_codes);
      begin.reset();
      setCode('');
      return refresh();
    },
  });
  const disable = useMutation({
    mutationFn: api.disableTotp,
    onSuccess: () => {
      setLeaving(false);
      return refresh();
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (leaving) disable.mutate();
    else confirm.mutate();
  };
  if (kept)
    return (
      <Card title={t('settings.codes')}>
        <RecoveryCodes codes={kept} onKept={() => setKept(null)} />
      </Card>
    );
  return (
    <Card title={t('settings.second')}>
      <Typography color="textSecondary" variant="body2" sx={{ mb: 2 }}>
        {t(me.totp ? 'settings.secondOn' : 'settings.secondOff')}
      </Typography>
      <ErrorAlert error={begin.error ?? confirm.error ?? disable.error} />
      {!begin.data && !leaving && (
        <Button
          variant="outlined"
          color={me.totp ? 'inherit' : 'primary'}
          loading={begin.isPending}
          onClick={() => (me.totp ? setLeaving(true) : begin.mutate())}
        >
          {t(me.totp ? 'settings.turnOff' : 'settings.turnOn')}
        </Button>
      )}
      {(begin.data || leaving) && (
        <Box component="form" onSubmit={submit} sx={{ display: 'grid', gridTemplateColumns: 'minmax(0, 1fr)', gap: 2 }}>
          {begin.data && <TotpEnrolment offer={begin.data} />}
          {leaving && <Typography variant="body2">{t('settings.secondLeave')}</Typography>}
          {begin.data && (
            <TextField
              label={t('settings.code')}
              required
              value={code}
              autoComplete="one-time-code"
              onChange={event => setCode(event.target.value.replace(/\D/g, '').slice(0, 6))}
              slotProps={{ htmlInput: { inputMode: 'numeric' } }}
            />
          )}
          <Box sx={{ display: 'flex', gap: 1 }}>
            <Button type="submit" variant="contained" loading={confirm.isPending || disable.isPending}>
              {t(leaving ? 'settings.turnOff' : 'settings.confirm')}
            </Button>
            <Button
              color="inherit"
              onClick={() => {
                begin.reset();
                setLeaving(false);
                setCode('');
              }}
            >
              {t('common.cancel')}
            </Button>
          </Box>
        </Box>
      )}
    </Card>
  );
}
