import Box from '@mui/material/Box';
import Paper from '@mui/material/Paper';
import type { FormEvent, ReactNode } from 'react';

interface Props {
  /** The choice of what is booked. */
  head: ReactNode;
  /** What is shown beside the form, such as the customer and the receipt. */
  side: ReactNode;
  onSubmit: () => void;
  children: ReactNode;
}

/** The frame of the counter's forms. */
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
