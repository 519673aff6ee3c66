import Alert from '@mui/material/Alert';
import Button from '@mui/material/Button';
import Dialog from '@mui/material/Dialog';
import DialogActions from '@mui/material/DialogActions';
import DialogContent from '@mui/material/DialogContent';
import DialogContentText from '@mui/material/DialogContentText';
import DialogTitle from '@mui/material/DialogTitle';
import TextField from '@mui/material/TextField';
import { type FormEvent, useState, useSyncExternalStore } from 'react';
import { api } from '../api/client';
import { PasswordField } from '../components/PasswordField';
import { errorText } from '../i18n/errors';
import { useLanguage } from '../i18n/shared';
import { isSessionOver, type PendingProof, pendingProof } from './pendingProof';

/** Asks for a proof whenever the service requires one, and then repeats the request. */
export function ProofDialog() {
  const pending = useSyncExternalStore(pendingProof.subscribe, pendingProof.current);
  return pending && <ProofForm proof={pending} />;
}

const COLUMN = {
  display: 'grid',
  gridTemplateColumns: 'minmax(0, 1fr)',
  gap: 2,
  '& .MuiFormLabel-asterisk': { display: 'none' },
} as const;

function ProofForm({ proof: { factors, settle } }: { proof: PendingProof }) {
  const { t } = useLanguage();
  const [password, setPassword] = useState('');
  const [code, setCode] = useState('');
  const [second, setSecond] = useState<'totp' | 'recovery_code'>('totp');
  const [failure, setFailure] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const needsCode = factors.includes('totp');
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    // A submit event would bubble through React's tree to the form below.
    event.stopPropagation();
    setBusy(true);
    setFailure(null);
    try {
      await api.prove({ password, ...(needsCode && { [second]: code.replace(/\s/g, '') }) });
      settle(true);
    } catch (error) {
      if (isSessionOver(error)) settle(false);
      else {
        setFailure(error);
        setCode('');
        setBusy(false);
      }
    }
  };
  return (
    <Dialog
      open
      maxWidth="xs"
      fullWidth
      onClose={() => settle(false)}
      aria-labelledby="prove"
      aria-describedby="prove-words"
    >
      <form onSubmit={event => void submit(event)}>
        <DialogTitle id="prove">{t('proof.title')}</DialogTitle>
        <DialogContent sx={COLUMN}>
          <DialogContentText id="prove-words">{t(needsCode ? 'proof.wordsBoth' : 'proof.words')}</DialogContentText>
          {failure !== null && <Alert severity="error">{errorText(t, failure)}</Alert>}
          <PasswordField
            name="proof"
            label={t('credentials.password')}
            required
            autoFocus
            autoComplete="current-password"
            value={password}
            disabled={busy}
            onChange={event => setPassword(event.target.value)}
          />
          {needsCode && second === 'totp' && (
            <TextField
              name="proof_totp"
              label={t('credentials.totp')}
              required
              autoComplete="one-time-code"
              value={code}
              disabled={busy}
              onChange={event => setCode(event.target.value)}
              slotProps={{ htmlInput: { inputMode: 'numeric', maxLength: 7 } }}
            />
          )}
          {needsCode && second === 'recovery_code' && (
            <TextField
              name="proof_recovery"
              label={t('credentials.recoveryCode')}
              required
              autoComplete="off"
              value={code}
              disabled={busy}
              onChange={event => setCode(event.target.value)}
            />
          )}
          {needsCode && (
            <Button
              sx={{ justifySelf: 'start' }}
              onClick={() => {
                setSecond(second === 'totp' ? 'recovery_code' : 'totp');
                setCode('');
              }}
            >
              {t(second === 'totp' ? 'proof.useRecovery' : 'proof.useTotp')}
            </Button>
          )}
        </DialogContent>
        <DialogActions sx={{ px: 3, pb: 2.5 }}>
          <Button color="inherit" onClick={() => settle(false)}>
            {t('common.cancel')}
          </Button>
          <Button type="submit" variant="contained" loading={busy}>
            {t('proof.confirm')}
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
