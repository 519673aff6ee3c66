import Alert from '@mui/material/Alert';
import Button from '@mui/material/Button';
import Dialog from '@mui/material/Dialog';
import DialogActions from '@mui/material/DialogActions';
import DialogContent from '@mui/material/DialogContent';
import DialogContentText from '@mui/material/DialogContentText';
import DialogTitle from '@mui/material/DialogTitle';
import { useMutation } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { type Identifier, useListContext, useNotify, useRefresh } from 'react-admin';
import { useLanguage } from '../../i18n/staff';
import { useErrorText } from '../hooks/useErrorText';

/** The outcome for one record. */
export interface BulkOutcome {
  id: string;
  problem: { code: string; detail: string } | null;
}

interface Props {
  title: string;
  icon?: ReactNode;
  run: (ids: Identifier[]) => Promise<BulkOutcome[]>;
  /** Returns the question that is asked before the action runs, for a number of records. */
  question: (count: number) => string;
  color?: 'error' | 'inherit';
  /** Fields that are filled in first. */
  children?: ReactNode;
  disabled?: boolean;
}

/** Runs an action on the selected records after a confirmation, and lists those that failed. */
export function BulkAction({ title, icon, run, question, color = 'inherit', children, disabled }: Props) {
  const { t } = useLanguage();
  const notify = useNotify();
  const refresh = useRefresh();
  const problem = useErrorText();
  const { selectedIds, onUnselectItems } = useListContext();
  const [open, setOpen] = useState(false);
  const [failed, setFailed] = useState<BulkOutcome[]>([]);
  const action = useMutation({
    mutationFn: () => run(selectedIds),
    onSuccess: outcomes => {
      const left = outcomes.filter(outcome => outcome.problem);
      setFailed(left);
      if (left.length === 0) close();
      const done = outcomes.length - left.length;
      if (done > 0) notify(t('staff.bulkDone', { count: done }), { type: 'success' });
      refresh();
    },
  });
  const close = () => {
    setOpen(false);
    if (action.isSuccess || action.isPending) onUnselectItems();
  };
  const start = () => {
    setFailed([]);
    action.reset();
    setOpen(true);
  };
  return (
    <>
      <Button size="small" color={color} startIcon={icon} onClick={start}>
        {title}
      </Button>
      <Dialog open={open} onClose={close} maxWidth="xs" fullWidth>
        <DialogTitle>{title}</DialogTitle>
        <DialogContent>
          {failed.length === 0 && <DialogContentText>{question(selectedIds.length)}</DialogContentText>}
          {failed.length === 0 && children}
          {Boolean(action.error) && (
            <Alert severity="error" sx={{ mt: 2 }}>
              {problem(action.error)}
            </Alert>
          )}
          {failed.length > 0 && (
            <Alert severity="warning">
              {t('staff.bulkFailed', { count: failed.length })}
              <ul>
                {failed.map(one => (
                  <li key={one.id}>
                    {one.id}: {t.optional(`problem.${one.problem?.code}`, one.problem?.detail ?? '')}
                  </li>
                ))}
              </ul>
            </Alert>
          )}
        </DialogContent>
        <DialogActions>
          <Button color="inherit" onClick={close}>
            {t(failed.length ? 'ra.action.close' : 'ra.action.cancel')}
          </Button>
          {failed.length === 0 && (
            <Button
              variant="contained"
              color={color === 'error' ? 'error' : 'primary'}
              loading={action.isPending}
              disabled={disabled}
              onClick={() => action.mutate()}
            >
              {t('ra.action.confirm')}
            </Button>
          )}
        </DialogActions>
      </Dialog>
    </>
  );
}
