import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import Checkbox from '@mui/material/Checkbox';
import FormControlLabel from '@mui/material/FormControlLabel';
import Typography from '@mui/material/Typography';
import { useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { api } from '../../api/client';
import { PasswordField } from '../../components/PasswordField';
import { useLanguage } from '../../i18n/member';
import { useFormFields } from '../auth/useFormFields';
import { Card } from '../components/Card';
import { ErrorAlert } from '../components/ErrorAlert';
import { useBank } from '../providers/BankProvider';

const NAMES = ['current', 'new'] as const;

/** The form that changes the password and signs out every other device. */
export function PasswordSettings() {
  const { t } = useLanguage();
  const { me } = useBank();
  const client = useQueryClient();
  const [isChanged, setChanged] = useState(false);
  const [keepTokens, setKeepTokens] = useState(false);
  const { values, field, send, busy, failure, clear } = useFormFields(NAMES);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setChanged(false);
    void send(async () => {
      await api.changePassword({ ...values, keep_tokens: keepTokens });
      clear();
      setKeepTokens(false);
      setChanged(true);
      for (const key of ['sessions', 'tokens']) void client.invalidateQueries({ queryKey: [key] });
    });
  };
  return (
    <Card title={t('settings.password')}>
      <Box component="form" onSubmit={submit} sx={{ display: 'grid', gridTemplateColumns: 'minmax(0, 1fr)', gap: 2 }}>
        <ErrorAlert error={failure} />
        <input type="text" name="username" autoComplete="username" value={me.username} readOnly hidden />
        <PasswordField label={t('settings.current')} autoComplete="current-password" {...field('current')} />
        <PasswordField
          label={t('settings.next')}
          autoComplete="new-password"
          {...field('new', t('auth.passwordHelp'))}
        />
        <Box>
          <FormControlLabel
            label={t('settings.keepTokens')}
            control={<Checkbox name="keep_tokens" checked={keepTokens} onChange={(_, on) => setKeepTokens(on)} />}
          />
          <Typography variant="caption" color="textSecondary" component="p">
            {t('settings.keepTokensMore')}
          </Typography>
        </Box>
        <Box>
          <Button type="submit" variant="outlined" loading={busy}>
            {t('settings.change')}
          </Button>
        </Box>
        <Typography role="status" variant="body2" sx={{ color: 'success.main' }}>
          {isChanged ? t('settings.changed') : ''}
        </Typography>
      </Box>
    </Card>
  );
}
