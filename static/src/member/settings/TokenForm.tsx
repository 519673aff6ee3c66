import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import Checkbox from '@mui/material/Checkbox';
import FormControlLabel from '@mui/material/FormControlLabel';
import TextField from '@mui/material/TextField';
import { type FormEvent, useState } from 'react';
import type { Scope, TokenRequest } from '../../api/types';
import { useLanguage } from '../../i18n/member';
import { useBank } from '../providers/BankProvider';
import { scopesOf } from './scopes';
import { TokenBoundsFields } from './TokenBoundsFields';
import { applicableBounds, type Bounds, NO_BOUNDS, parseBounds } from './tokenBounds';

const LASTS_DAYS = 90;
const DAY_MS = 86_400_000;

interface Props {
  busy: boolean;
  onCreate: (token: TokenRequest) => void;
  onClose: () => void;
}

/** The form for a new token: its name, scopes and bounds. */
export function TokenForm({ busy, onCreate, onClose }: Props) {
  const { t } = useLanguage();
  const { me, meta } = useBank();
  const [name, setName] = useState('');
  const [scopes, setScopes] = useState<Scope[]>(['read']);
  const [bound, setBound] = useState(false);
  const [bounds, setBounds] = useState<Bounds>(NO_BOUNDS);
  const parsedBounds = bound ? parseBounds(bounds, scopes, meta.currencies[0]) : {};
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!parsedBounds) return;
    onCreate({
      name: name.trim(),
      scopes,
      bounds: parsedBounds,
      expires_at: new Date(Date.now() + LASTS_DAYS * DAY_MS).toISOString(),
    });
  };
  const toggle = (scope: Scope, on: boolean) =>
    setScopes(on ? [...scopes, scope] : scopes.filter(one => one !== scope));
  return (
    <Box
      component="form"
      onSubmit={submit}
      sx={{ display: 'grid', gridTemplateColumns: 'minmax(0, 1fr)', gap: 1.5, mt: 2 }}
    >
      <TextField
        name="token"
        label={t('settings.tokenName')}
        required
        value={name}
        onChange={event => setName(event.target.value)}
        slotProps={{ htmlInput: { maxLength: 100 } }}
      />
      <Box role="group" aria-label={t('settings.scopes')}>
        {scopesOf(me.role).map(scope => (
          <FormControlLabel
            key={scope}
            label={t(`settings.scope.${scope}`)}
            control={<Checkbox checked={scopes.includes(scope)} onChange={(_, on) => toggle(scope, on)} />}
          />
        ))}
      </Box>
      <FormControlLabel
        label={t('settings.bound')}
        control={<Checkbox checked={bound} onChange={(_, on) => setBound(on)} />}
      />
      {bound && (
        <TokenBoundsFields
          value={bounds}
          onChange={setBounds}
          fitting={applicableBounds(scopes)}
          currency={meta.currencies[0]}
        />
      )}
      <Box sx={{ display: 'flex', gap: 1 }}>
        <Button type="submit" variant="contained" disabled={!scopes.length || !parsedBounds} loading={busy}>
          {t('settings.newToken')}
        </Button>
        <Button color="inherit" onClick={onClose}>
          {t('common.cancel')}
        </Button>
      </Box>
    </Box>
  );
}
