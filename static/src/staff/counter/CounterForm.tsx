import Box from '@mui/material/Box';
import Paper from '@mui/material/Paper';
import type { FormEvent, ReactNode } from 'react';

interface Props {
  /** What is booked with it, to choose from. */
  head: ReactNode;
  /** What stands beside the form: who the customer is, and what was booked. */
  side: ReactNode;
  onSubmit: () => void;
  children: ReactNode;
}

/** A form of the counter. */
export function CounterForm({ head, side, onSubmit, children }: Props) {
  const submit = (event: FormEvent) => {
    event.preventDefault();
    onSubmit();
  };
  return (
    <>
      <Paper
        variant="outlined"
        component="form"
        noValidate
        onSubmit={submit}
        sx={{ p: { xs: 2, sm: 3 }, display: 'grid', gap: 2 }}
      >
        {head}
        {children}
      </Paper>
      <Box sx={{ display: 'grid', gap: 2.5 }} aria-live="polite">
        {side}
      </Box>
    </>
  );
}
