import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import Dialog from '@mui/material/Dialog';
import DialogActions from '@mui/material/DialogActions';
import DialogContent from '@mui/material/DialogContent';
import DialogContentText from '@mui/material/DialogContentText';
import DialogTitle from '@mui/material/DialogTitle';
import { type FormEvent, type ReactNode, useId } from 'react';
import { useLanguage } from '../../i18n/staff';

interface Props {
  open: boolean;
  /** The title of the dialog and of the button that confirms it. */
  title: string;
  question: string;
  onConfirm: () => void;
  onClose: () => void;
  /** Fields that are filled in, or an error. */
  children?: ReactNode;
  isDangerous?: boolean;
  isPending?: boolean;
  disabled?: boolean;
}

/** Asks for confirmation. */
export function ConfirmDialog({
  open,
  title,
  question,
  onConfirm,
  onClose,
  children,
  isDangerous = false,
  isPending = false,
  disabled = false,
}: Props) {
  const { t } = useLanguage();
  const id = useId();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    // The event would bubble through React's tree to the form below.
    event.stopPropagation();
    // While the dialog fades out, a second click must do nothing.
    if (open && !disabled && !isPending) onConfirm();
  };
  return (
    <Dialog open={open} onClose={onClose} maxWidth="xs" fullWidth aria-labelledby={id}>
      <Box component="form" onSubmit={submit} sx={{ display: 'contents' }}>
        <DialogTitle id={id}>{title}</DialogTitle>
        <DialogContent>
          <DialogContentText sx={{ mb: children ? 2 : 0 }}>{question}</DialogContentText>
          {children}
        </DialogContent>
        <DialogActions>
          <Button color="inherit" onClick={onClose}>
            {t('ra.action.cancel')}
          </Button>
          <Button
            variant="contained"
            color={isDangerous ? 'error' : 'primary'}
            type="submit"
            loading={isPending}
            disabled={disabled}
          >
            {title}
          </Button>
        </DialogActions>
      </Box>
    </Dialog>
  );
}
