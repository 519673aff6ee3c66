import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import Checkbox from '@mui/material/Checkbox';
import FormControlLabel from '@mui/material/FormControlLabel';
import TextField from '@mui/material/TextField';
import { type FormEvent, useState } from 'react';
import type { Scope, TokenRequest } from '../../api/types';
import { useLanguage } from '../../i18n';

const SCOPES = ['read', 'transfer', 'batch'] as const satisfies readonly Scope[];
const LASTS_DAYS = 90;
const DAY_MS = 86_400_000;

interface Props {
  busy: boolean;
  onCreate: (token: TokenRequest) => void;
  onClose: () => void;
}

/** What a new token is called, and what it may do. */
export function NewToken({ busy, onCreate, onClose }: Props) {
  const { t } = useLanguage();
  const [name, setName] = useState('');
  const [scopes, setScopes] = useState<Scope[]>(['read']);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    onCreate({ name: name.trim(), scopes, expires_at: new Date(Date.now() + LASTS_DAYS * DAY_MS).toISOString() });
  };
  const toggle = (scope: Scope, on: boolean) => setScopes(on ? [...scopes, scope] : scopes.filter(one => one !== scope));
  return (
    <Box component="form" onSubmit={submit} sx={{ display: 'grid', gridTemplateColumns: 'minmax(0, 1fr)', gap: 1.5, mt: 2 }}>
      <TextField name="token" label={t('settings.tokenName')} required value={name} onChange={event => setName(event.target.value)} slotProps={{ htmlInput: { maxLength: 100 } }} />
      <Box role="group" aria-label={t('settings.scopes')}>
        {SCOPES.map(scope => (
          <FormControlLabel
            key={scope} label={t(`settings.scope.${scope}`)}
            control={<Checkbox checked={scopes.includes(scope)} onChange={(_, on) => toggle(scope, on)} />}
          />
        ))}
      </Box>
      <Box sx={{ display: 'flex', gap: 1 }}>
        <Button type="submit" variant="contained" disabled={!scopes.length} loading={busy}>{t('settings.newToken')}</Button>
        <Button color="inherit" onClick={onClose}>{t('common.cancel')}</Button>
      </Box>
    </Box>
  );
}
