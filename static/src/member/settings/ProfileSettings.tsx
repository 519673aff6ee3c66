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

/** The form for the member's name and e-mail address. */
export function ProfileSettings() {
  const { t } = useLanguage();
  const { me } = useBank();
  const client = useQueryClient();
  const [values, setValues] = useState({ name: me.name, email: me.email });
  const saving = useMutation({
    mutationFn: () => api.changeMe({ name: values.name.trim(), email: values.email.trim() }),
    onSuccess: member => client.setQueryData(['session'], member),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    saving.mutate();
  };
  return (
    <Card title={t('settings.profile')}>
      <Box component="form" onSubmit={submit} sx={{ display: 'grid', gridTemplateColumns: 'minmax(0, 1fr)', gap: 2 }}>
        <ErrorAlert error={saving.error} />
        <TextField label={t('auth.username')} value={me.username} slotProps={{ htmlInput: { readOnly: true } }} />
        <TextField
          name="name"
          label={t('auth.name')}
          required
          autoComplete="name"
          value={values.name}
          onChange={event => setValues({ ...values, name: event.target.value })}
        />
        <TextField
          name="email"
          label={t('auth.email')}
          type="email"
          required
          autoComplete="email"
          value={values.email}
          onChange={event => setValues({ ...values, email: event.target.value })}
        />
        <Box sx={{ display: 'flex', gap: 2, alignItems: 'center' }}>
          <Button type="submit" variant="outlined" loading={saving.isPending}>
            {t('common.save')}
          </Button>
          <Typography role="status" variant="body2" sx={{ color: 'success.main' }}>
            {saving.isSuccess ? t('common.saved') : ''}
          </Typography>
        </Box>
      </Box>
    </Card>
  );
}
