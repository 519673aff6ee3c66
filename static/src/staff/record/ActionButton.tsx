import Alert from '@mui/material/Alert';
import Button from '@mui/material/Button';
import { useMutation } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { useNotify, useRefresh } from 'react-admin';
import { OutcomeUnknown } from '../../submissions/lifecycle';
import { useErrorText } from '../hooks/useErrorText';
import { ConfirmDialog } from './ConfirmDialog';

interface Props {
  name: string;
  /** The question that is asked first. */
  question: string;
  run: () => Promise<unknown>;
  /** The text that is shown when it is done. */
  done?: string;
  icon?: ReactNode;
  color?: 'secondary' | 'primary' | 'error';
  size?: 'small' | 'medium';
  variant?: 'outlined' | 'text' | 'contained';
  /** Fields that are filled in first. */
  children?: ReactNode;
  disabled?: boolean;
  after?: () => void;
}

/** A button that runs an action on a record after a confirmation. */
export function ActionButton({
  name,
  question,
  run,
  done,
  icon,
  color = 'secondary',
  size = 'medium',
  variant = 'outlined',
  children,
  disabled,
  after,
}: Props) {
  const notify = useNotify();
  const refresh = useRefresh();
  const problem = useErrorText();
  const [open, setOpen] = useState(false);
  const action = useMutation({
    mutationFn: run,
    onSuccess: () => {
      setOpen(false);
      if (done) notify(done, { type: 'success' });
      refresh();
      after?.();
    },
    // The page offers to finish it. Repeated here, it could be sent twice.
    onError: error => error instanceof OutcomeUnknown && setOpen(false),
  });
  const start = () => {
    action.reset();
    setOpen(true);
  };
  return (
    <>
      <Button size={size} variant={variant} color={color} startIcon={icon} onClick={start}>
        {name}
      </Button>
      <ConfirmDialog
        open={open}
        title={name}
        question={question}
        onConfirm={() => action.mutate()}
        onClose={() => setOpen(false)}
        isDangerous={color === 'error'}
        isPending={action.isPending}
        disabled={disabled}
      >
        {(children || Boolean(action.error)) && (
          <>
            {children}
            {Boolean(action.error) && (
              <Alert severity="error" sx={{ mt: children ? 2 : 0 }}>
                {problem(action.error)}
              </Alert>
            )}
          </>
        )}
      </ConfirmDialog>
    </>
  );
}
