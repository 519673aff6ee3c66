import Alert from '@mui/material/Alert';
import Button from '@mui/material/Button';
import Dialog from '@mui/material/Dialog';
import DialogActions from '@mui/material/DialogActions';
import DialogContent from '@mui/material/DialogContent';
import DialogContentText from '@mui/material/DialogContentText';
import DialogTitle from '@mui/material/DialogTitle';
import { useMutation } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { useNotify, useRefresh, useTranslate } from 'react-admin';
import { useProblem } from '../useProblem';

interface Props {
  name: string;
  /** What has to be said before it is done. */
  question: string;
  run: () => Promise<unknown>;
  /** What is said when it is done. */
  done?: string;
  icon?: ReactNode;
  color?: 'secondary' | 'primary' | 'error';
  size?: 'small' | 'medium';
  variant?: 'outlined' | 'text' | 'contained';
  /** What is to be filled in. */
  children?: ReactNode;
  disabled?: boolean;
  after?: () => void;
}

/** Something that is done to a record, after a question. */
export function Act({ name, question, run, done, icon, color = 'secondary', size = 'medium', variant = 'outlined', children, disabled, after }: Props) {
  const t = useTranslate();
  const notify = useNotify();
  const refresh = useRefresh();
  const problem = useProblem();
  const [open, setOpen] = useState(false);
  const action = useMutation({
    mutationFn: run,
    onSuccess: () => {
      setOpen(false);
      if (done) notify(done, { type: 'success' });
      refresh();
      after?.();
    },
  });
  const start = () => {
    action.reset();
    setOpen(true);
  };
  return (
    <>
      <Button size={size} variant={variant} color={color} startIcon={icon} onClick={start}>{name}</Button>
      <Dialog open={open} onClose={() => setOpen(false)} maxWidth="xs" fullWidth>
        <DialogTitle>{name}</DialogTitle>
        <DialogContent>
          <DialogContentText sx={{ mb: children ? 2 : 0 }}>{question}</DialogContentText>
          {children}
          {Boolean(action.error) && <Alert severity="error" sx={{ mt: 2 }}>{problem(action.error)}</Alert>}
        </DialogContent>
        <DialogActions>
          <Button color="inherit" onClick={() => setOpen(false)}>{t('ra.action.cancel')}</Button>
          <Button variant="contained" color={color === 'error' ? 'error' : 'primary'} loading={action.isPending} disabled={disabled} onClick={() => action.mutate()}>{name}</Button>
        </DialogActions>
      </Dialog>
    </>
  );
}
